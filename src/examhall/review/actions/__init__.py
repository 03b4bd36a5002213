"""What looking at a session writes."""
