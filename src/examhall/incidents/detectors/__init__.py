"""Detectors: arrays in, signals out. No Django, no files, no network."""
