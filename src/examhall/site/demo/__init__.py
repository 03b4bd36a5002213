"""The demonstration: an organisation with an open exam, built by the same actions that people use."""
