"""Work on evidence that is done later, by id, twice if need be."""
