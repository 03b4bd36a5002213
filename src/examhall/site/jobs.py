"""Every wing's jobs, imported so that they are registered under their names."""

from examhall.incidents.jobs import analyse
from examhall.media.jobs import recording
from examhall.people.jobs import letter

__all__ = ["analyse", "letter", "recording"]
