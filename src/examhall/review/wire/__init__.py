"""Shapes on the wire of the review pages."""
