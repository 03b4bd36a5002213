"""Pages and requests of the candidate before and after the exam."""
