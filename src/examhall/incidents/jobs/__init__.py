"""Work of the analysis, later and by id; each job may run twice."""
