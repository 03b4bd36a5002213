"""Work of people that may wait: letters."""
