"""Sets Django up on a throw-away installation when it is imported, so that the measurements can import as usual.

One folder for the whole run, in BENCH_VAR_DIR: child processes find it there; the process that made it removes it.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import django

_INHERITED = os.environ.get("BENCH_VAR_DIR")
VAR_DIR = Path(_INHERITED or tempfile.mkdtemp(prefix="examhall-bench-"))
os.environ["BENCH_VAR_DIR"] = os.environ["EXAMHALL_VAR_DIR"] = str(VAR_DIR)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examhall.site.settings_django")
if not _INHERITED:
    atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)

django.setup()


@cache
def migrated() -> Path:
    """The installation's folder, its database made."""
    subprocess.run([sys.executable, "-m", "examhall.site.cli", "migrate", "--quiet"], check=True)
    return VAR_DIR
