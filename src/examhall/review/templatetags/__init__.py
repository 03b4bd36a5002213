"""Words of the review pages."""
