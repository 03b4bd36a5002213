"""Whether this installation is ready, and if not, why."""

import shutil

import msgspec
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from examhall.base.settings import settings

LEAST_FREE_BYTES = 500 * 1024 * 1024  # below this a 3 h exam of one candidate no longer fits (capture.md §1)


class Health(msgspec.Struct, frozen=True):
    status: str
    reasons: list[str]
    database: str
    free_bytes: int


def check() -> Health:
    """Look at the database, its migrations and the disk."""
    reasons = [reason] if (reason := database_reason()) else []
    var_dir = settings().var_dir
    free_bytes = shutil.disk_usage(var_dir).free if var_dir.exists() else 0
    if free_bytes < LEAST_FREE_BYTES:
        reasons.append(f"Less than {LEAST_FREE_BYTES // 2**20} MiB free in {var_dir}: make room or move `var_dir`.")
    return Health("ok" if not reasons else "not_ready", reasons, connection.vendor, free_bytes)


def database_reason() -> str:
    """Why the tables cannot be used; empty when they can."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "The database is not up to date: run `examhall migrate`."
    except DatabaseError as fault:
        return f"The database cannot be used ({type(fault).__name__}): check `database_url` and its server."
    return ""
