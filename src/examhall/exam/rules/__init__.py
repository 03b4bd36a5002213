"""Decisions of this wing, from values alone."""
