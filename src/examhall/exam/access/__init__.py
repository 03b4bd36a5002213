"""Guarded fetch of this wing: what is absent and what is not yours look the same."""
