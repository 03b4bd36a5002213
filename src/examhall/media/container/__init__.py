"""Bytes in, numbers and bytes out: fragmented MP4, playlists and gaps. Knows no rows, no clock and no disk."""
