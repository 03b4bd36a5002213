"""Simulated candidates that sit an exam through the real HTTP interfaces: for demos, drills and load."""
