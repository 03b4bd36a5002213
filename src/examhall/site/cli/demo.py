"""`examhall demo`."""

import argparse
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx

from examhall.base.settings import settings
from examhall.site.cli import companion, serve
from examhall.site.demo.build import SIMULATED, Accounts, build
from examhall.site.schema import bring_up_to_date

READY_WITHIN_S = 60.0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--candidates", type=int, default=SIMULATED, help=f"simulated candidates, 0 to {SIMULATED}")
    parser.add_argument("--video", type=Path, help="a film as the simulated candidates' camera")


def run(options: argparse.Namespace) -> int:
    """Build what is missing, open the doors, let simulated candidates sit; until Ctrl-C."""
    bring_up_to_date()
    url = f"http://{options.host}:{options.port}"
    file = settings().var_dir / "demo-accounts.json"
    accounts = build(file, url=url)
    options.no_worker = False
    door = httpx.Client(timeout=2)  # made here: Python 3.11 fails when it is imported while the server imports
    beside = threading.Thread(target=_when_ready, args=(options, accounts, file, door), daemon=True)
    beside.start()
    try:
        return serve.run(options)
    finally:
        _end(beside)


_simulators: list[subprocess.Popen[bytes]] = []


def _when_ready(options: argparse.Namespace, accounts: Accounts, file: Path, door: httpx.Client) -> None:
    if not _is_ready(accounts.url, door):
        print(f"The site did not become ready within {READY_WITHIN_S:.0f} s. Run: examhall doctor", file=sys.stderr)
        return
    _show(accounts, file)
    if options.candidates:
        film = ["--video", str(options.video)] if options.video else []
        words = ["simulate", "--accounts", str(file), "--candidates", str(options.candidates), *film]
        _simulators.append(companion.start(*words))


def _is_ready(url: str, door: httpx.Client) -> bool:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        try:
            if door.get(f"{url}/healthz").status_code == 200:
                return True
        except httpx.TransportError:
            pass  # not open yet
        time.sleep(0.2)
    return False


def _show(accounts: Accounts, file: Path) -> None:
    print(f"\nExamhall is open at {accounts.url}\n")
    for account in accounts.accounts:
        print(f"  {account.role:<20} {account.login:<12} {account.password:<22} {account.start_url}")
    print(f"\nThe same stands in {file}. Ctrl-C ends the demonstration; its data stay.\n", flush=True)


def _end(beside: threading.Thread) -> None:
    beside.join(timeout=1)
    for simulator in _simulators:
        companion.end(simulator, within_s=5)
