"""What is kept of people's looks and refusals."""
