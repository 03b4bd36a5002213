"""People judging afterwards what was seen."""
