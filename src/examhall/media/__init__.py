"""Recorded tracks: segments in append-only reels, gaps, playlists, live relay, export."""
