"""Many-row questions, answered as values."""
