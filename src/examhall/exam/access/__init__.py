"""Guarded fetch: absent and forbidden look the same."""
