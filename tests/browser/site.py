"""A whole site for one browser test: its own data, its own process, a free port, killed at the end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

REPO = Path(__file__).parents[2]
CLIENT = REPO / "client"
READY_WITHIN_S = 40.0


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    login: str
    password: str
    registration: str
    environ: dict[str, str]

    def run(self, *arguments: str) -> str:
        """What an `examhall` command says on this site's data."""
        return _output([sys.executable, "-m", "examhall.site.cli", *arguments], self.environ)

    def lines_until(self, kind: str) -> list[tuple[str, dict[str, object]]]:
        """Kind and extra of each line in the log of the newest attempt, up to the first of `kind`, once it is there."""
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until:
            told = _output([sys.executable, "-m", "tests.journeys.facts", self.registration], self.environ)
            lines = [(line["kind"], line["extra"]) for line in msgspec.json.decode(told.encode())["entries"]]
            at = next((at for at, line in enumerate(lines) if line[0] == kind), None)
            if at is not None:
                return lines[: at + 1]
        raise AssertionError(f"no {kind} within {READY_WITHIN_S} s")


@contextmanager
def opened_site(var_dir: Path) -> Iterator[Site]:
    """Build the client and the data with the real actions, serve them, and end the server whatever happens."""
    subprocess.run(["node", "build.mjs"], cwd=CLIENT, check=True, capture_output=True, timeout=60)
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EXAMHALL_")},
        "EXAMHALL_VAR_DIR": str(var_dir),
        "DJANGO_SETTINGS_MODULE": "examhall.site.settings_django",
        "PYTHONPATH": f"{REPO / 'src'}{os.pathsep}{REPO}",
    }
    _output([sys.executable, "-m", "examhall.site.cli", "migrate"], environ)
    account = msgspec.json.decode(_output([sys.executable, "-m", "tests.browser.site_content"], environ).encode())
    port = _free_port()
    command = [sys.executable, "-m", "examhall.site.cli", "serve", "--port", str(port), "--no-worker"]
    server = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, server)
        yield Site(url, account["login"], account["password"], account["registration"], environ)
    finally:
        server.kill()
        server.wait(timeout=10)


def _output(command: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(command, env=environ, cwd=REPO, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended before it was ready"
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the site was not ready within {READY_WITHIN_S} s")
