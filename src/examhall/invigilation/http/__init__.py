"""Pages of those who watch an exam, and their acts."""
