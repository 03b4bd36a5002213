"""Questions about many rows of this wing, answered as values."""
