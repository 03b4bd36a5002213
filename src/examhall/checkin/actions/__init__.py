"""The only writers of the check-in."""
