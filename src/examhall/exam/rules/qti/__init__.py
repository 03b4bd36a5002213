"""QTI 3.0 items and packages (2.x is understood too): read safely, then split into a public half and the key."""
