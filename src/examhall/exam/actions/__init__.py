"""The only writers of this wing."""
