"""The door of incidents: their pictures, verdicts, flags by people."""
