"""Who may do what in the check-in."""
