"""`examhall worker`."""

import argparse
import os
import socket

from django_tasks_db.management.commands.db_worker import Worker

from examhall.base.queue import release_orphans
from examhall.base.settings import settings
from examhall.site.cli import companion

NICENESS = 5  # where cores are short an answer goes before the analysis


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--batch", action="store_true", help="run what is queued, then end")


def run(options: argparse.Namespace) -> int:
    """Run jobs until told to stop. Jobs that a killed worker left behind are taken up first."""
    companion.end_with_parent()
    os.nice(NICENESS)
    release_orphans()
    worker = Worker(
        queue_names=["*"],
        interval=settings().worker_interval_s,
        batch=options.batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
        excluded_queue_names=[],
    )
    worker.configure_signals()
    worker.run()
    return 0
