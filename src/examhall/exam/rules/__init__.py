"""Decisions of the exam wing: values in, values out; no Django, no clock, no I/O."""
