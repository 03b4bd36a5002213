"""The demonstration as somebody uses it: opened, looked at, ended with Ctrl-C, opened again on the same data."""

import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest
from tests.fixtures.place import environment, free_port

from examhall.site.demo.build import Accounts

WITHIN_S = 120.0
"""A machine with two cores that serves others as well needs its time."""
SAT = re.compile(r"sim1: [1-9]\d* segments, \d+ answers, \d+ entries")
ROLES = ["administrator", "author", "scheduler", "invigilator", "reviewer", "marker", "candidate"]


class Demo:
    """`examhall demo` as a process of its own, on a folder that outlives it."""

    def __init__(self, var_dir: Path) -> None:
        self.environ = environment(var_dir, models=False)
        self.file = var_dir / "demo-accounts.json"
        self.database = var_dir / "examhall.sqlite3"
        self._running: subprocess.Popen[str] | None = None

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "examhall.site.cli", *words]

    def open(self, *, simulated: int) -> list[psutil.Process]:
        """Start it, wait until it says how to end it, and return every process it consists of."""
        words = self.command("demo", "--port", str(free_port()), "--candidates", str(simulated))
        self._running = subprocess.Popen(words, env=self.environ, stdout=subprocess.PIPE, text=True)
        assert self._running.stdout is not None
        said = iter(self._running.stdout.readline, "")
        assert any("Ctrl-C ends the demonstration" in line for line in said), "it ended before it was open"
        top = psutil.Process(self._running.pid)
        wanted = 1 + simulated  # a worker, and one process for all simulated candidates
        while len(children := top.children(recursive=True)) < wanted:
            assert self._running.poll() is None
            time.sleep(0.1)
        return [top, *children]

    def interrupt(self) -> int:
        """Ctrl-C; the status it ends with."""
        assert self._running is not None
        self._running.send_signal(signal.SIGINT)
        self._running.communicate(timeout=WITHIN_S)
        return self._running.returncode

    def close(self) -> None:
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            self._running.communicate(timeout=WITHIN_S)

    def accounts(self) -> Accounts:
        return msgspec.json.decode(self.file.read_bytes(), type=Accounts)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*words), env=self.environ, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    demo.close()


def signs_in(url: str, login: str, password: str) -> bool:
    with httpx.Client(base_url=url, timeout=WITHIN_S) as web:
        web.get("/accounts/login/")
        sent = {"login": login, "password": password, "csrfmiddlewaretoken": web.cookies["csrftoken"]}
        return web.post("/accounts/login/", data=sent).status_code == 302


def test_the_demonstration_opens_ends_with_ctrl_c_and_opens_again(demo: Demo) -> None:
    """R-0.40: one command opens it, simulated candidates sit, nothing is left behind, its data stay. Takes long
    because two real sites start."""
    processes = demo.open(simulated=0)
    first = demo.accounts()
    assert [account.role for account in first.accounts] == [*ROLES, *["simulated candidate"] * 3]
    assert all(account.start_url.startswith(f"{first.url}/") for account in first.accounts)
    assert demo.file.stat().st_mode & 0o077 == 0
    assert signs_in(first.url, first.accounts[0].login, first.accounts[0].password)
    lengths_s = ("6", "20", "60")  # the longer ones only where the machine is busy
    assert any(SAT.search(demo.run("simulate", "--candidates", "1", "--for", for_s).stdout) for for_s in lengths_s)
    assert demo.interrupt() == 0
    assert not [process for process in processes if process.is_running()]
    processes = demo.open(simulated=1)
    second = demo.accounts()
    assert second.schedule == first.schedule
    assert [one.password for one in second.accounts] == [one.password for one in first.accounts]
    assert demo.interrupt() == 0
    assert not [process for process in processes if process.is_running()]


def test_data_of_another_version_are_told_and_left_alone(demo: Demo) -> None:
    """Issue 2 §7: a demonstration on old data goes on or says what to do."""
    assert demo.run("migrate", "--quiet").returncode == 0
    with closing(sqlite3.connect(demo.database)) as base, base:
        base.execute("ALTER TABLE people_user DROP COLUMN zone")
    refused = demo.run("demo", "--port", str(free_port()), "--candidates", "0")
    assert refused.returncode == 2
    assert "made by another version of Examhall (it lacks people_user.zone)" in refused.stderr
    assert f"mv {demo.database.parent}" in refused.stderr
    assert demo.database.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--accounts", "absent.json"], "run `examhall demo` first"),
        (["--candidates", "4"], "has 1 simulated candidates, not 4"),
        (["--candidates", "1", "--video", "absent.webm"], "absent.webm does not exist"),
    ],
)
def test_simulate_says_what_it_lacks(demo: Demo, words: list[str], told: str) -> None:
    """house.md §6: an error names the remedy."""
    one = {"role": "simulated candidate", "login": "sim1", "password": "x"}
    demo.file.write_bytes(msgspec.json.encode({"url": "http://127.0.0.1:1", "accounts": [one]}))
    refused = demo.run("simulate", *words)
    assert (refused.returncode, told in refused.stderr) == (2, True)
