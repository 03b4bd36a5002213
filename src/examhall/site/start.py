"""What every process does once Django is ready: know the jobs, the reactions and whom to wake."""

from examhall.base.settings import settings
from examhall.journal.actions import react_to
from examhall.journal.bus import bus
from examhall.site import jobs
from examhall.site.reactions import REACTIONS


def start() -> None:
    assert jobs  # noqa: S101 - importing it has registered every job
    react_to(REACTIONS)
    bus.tell(settings().wake_socket)
