"""The append-only, hash-chained journal: candidate log, live feed, audit trail and outbox at once."""
