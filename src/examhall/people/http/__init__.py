"""Doors of people: the Actor of each request, and the person's own preferences."""
