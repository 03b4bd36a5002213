"""Shapes on the wire of this wing; an unknown field is an error."""
