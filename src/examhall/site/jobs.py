"""Every wing's jobs, imported so that they are registered under their names."""
