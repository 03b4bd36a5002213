"""Questions about incidents, answered as values."""
