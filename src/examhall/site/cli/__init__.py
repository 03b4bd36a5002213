"""The command `examhall`."""

from examhall.site.cli.main import main

__all__ = ["main"]
