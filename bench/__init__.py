"""Measurements: whole processes on this machine, each beside a reference run. Never timed tests."""
