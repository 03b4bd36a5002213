"""Examhall: self-hosted, proctored exams."""

__version__ = "0.1.0"
