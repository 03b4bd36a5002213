"""Containers: bytes in, boxes, frames and sound out. No Django, no files."""
