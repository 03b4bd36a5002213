"""Puts the wings together: settings, addresses, the look, the command line. The only place that sees all."""
