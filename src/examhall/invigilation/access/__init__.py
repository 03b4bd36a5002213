"""Guarded fetch for those who watch an exam."""
