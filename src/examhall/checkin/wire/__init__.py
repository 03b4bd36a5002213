"""Shapes the entry page sends."""
