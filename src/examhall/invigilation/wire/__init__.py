"""Shapes on the wire; an unknown field is an error."""
