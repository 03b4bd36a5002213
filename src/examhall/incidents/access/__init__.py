"""Guarded fetch of incidents: what is absent and what is not yours look the same."""
