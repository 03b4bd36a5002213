"""Decisions of the review, without tables and clocks."""
