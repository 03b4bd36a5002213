"""What the check-in shows."""
