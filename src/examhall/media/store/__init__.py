"""Bytes by key: reels, the append-only files of recordings. Knows no rows; offsets come from the index."""
