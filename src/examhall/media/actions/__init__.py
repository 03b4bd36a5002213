"""The only writers of recordings."""
