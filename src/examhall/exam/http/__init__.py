"""Pages and control requests of this wing."""
