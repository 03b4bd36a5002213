"""Questions about people, answered as values."""
