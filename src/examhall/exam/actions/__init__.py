"""The only writers of this wing's tables."""
