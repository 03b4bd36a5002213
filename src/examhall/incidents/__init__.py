"""Incidents: signals of clients and detectors, folded into things a person can judge."""
