"""What every process does once Django is ready: know the jobs, the reactions, who is staff and whom to wake."""

import structlog

from examhall.base.settings import settings
from examhall.exam.access.schedule import is_assigned
from examhall.journal.actions import react_to
from examhall.journal.bus import bus
from examhall.people.access import also_staff
from examhall.site import jobs
from examhall.site.reactions import REACTIONS


def start() -> None:
    assert jobs  # noqa: S101 - importing it has registered every job
    _configure_logs()
    react_to(REACTIONS)
    also_staff(is_assigned)
    bus.tell(settings().wake_socket)


def _configure_logs() -> None:
    """Plain tracebacks: the rich ones print local variables, and with them names and answers (design.md §10)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )
