"""A throw-away installation with a serving process, and how much processor that process has used."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

START_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class Place:
    var_dir: Path
    url: str
    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        """User and system seconds of the serving process alone (its worker is another)."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def rss_bytes(self) -> int:
        return int(self.process.memory_info().rss)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(var_dir: Path, *, worker: bool = False) -> Iterator[Place]:
    """`examhall serve` on a free port, until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "examhall.site.cli", "serve", "--port", str(port)]
    command += [] if worker else ["--no-worker"]
    with subprocess.Popen(command, env=dict(os.environ), start_new_session=True) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url)
            yield Place(var_dir, url, port, psutil.Process(process.pid))
        finally:
            process.send_signal(signal.SIGINT)  # one that was killed has ended: nothing happens
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


async def opened(port: int) -> None:
    """Return when something listens at `port`. Raises RuntimeError after 10 s."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise RuntimeError(f"nothing opened port {port} within 10 s")


def _wait(url: str) -> None:
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not open within {START_WITHIN_S} s")


def machine() -> str:
    """What a figure was measured on."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory:.0f} GiB, Python {sys.version.split()[0]}"
