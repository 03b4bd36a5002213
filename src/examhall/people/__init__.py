"""Accounts, the organisation tree, roles and their permissions; makes one `Actor` for each request."""
