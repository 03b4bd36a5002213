"""Media: segments, recordings and what can be read out of them."""
