"""Decisions about incidents: values in, values out."""
