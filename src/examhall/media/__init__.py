"""Knows recordings: tracks, segments, gaps, reels, playlists, live relay, export. Leaves meaning to `incidents`."""
