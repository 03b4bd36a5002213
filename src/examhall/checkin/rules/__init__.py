"""Decisions of the check-in, from values alone."""
