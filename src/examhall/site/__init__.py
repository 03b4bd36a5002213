"""Composition: Django settings, URLs, doors, reactions, commands. Alone it sees every wing; it holds no rule."""
