"""What was seen: signals, the rules that fold them into incidents people judge, and the analysis jobs."""
