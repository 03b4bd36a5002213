"""Work on recordings by id; each may run twice."""
