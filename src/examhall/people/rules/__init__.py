"""Decisions about people, from values alone."""
