"""Decisions of the desk, from values alone."""
