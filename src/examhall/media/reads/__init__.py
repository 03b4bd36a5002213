"""Questions about recordings, answered as values."""
