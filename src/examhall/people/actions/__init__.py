"""The only writers of accounts, units, roles and memberships."""
