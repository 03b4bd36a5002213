"""Storing a 40 KB segment, beside nginx storing the same bytes by its own PUT (design.md §9: at most twice the CPU).

Both are measured over kept connections of the same client, one for each of SEATS candidates, as CPU seconds of
the server alone. nginx writes a file and promises nothing; ours checks the token, the hash and the container, appends
to the reel, indexes it and answers when a power cut could not undo it.
"""

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.film import fragment
from bench.place import free_port, opened, serving
from bench.seats import seats
from bench.setup import migrated
from bench.wire import Connection
from examhall.media.container.encode import WEBCAM, Encoder

SEATS = 16
SEGMENTS = 60  # for each seat: a minute of webcam

_CONF = """
daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/error.log crit;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {here}/body; client_max_body_size 8m; keepalive_requests 1000000;
  server {{ listen 127.0.0.1:{port}; location / {{ root {here}/files; dav_methods PUT; create_full_put_path on; }} }}
}}
"""


def run() -> dict[str, float]:
    """Figures in microseconds of CPU per segment, and their ratio."""
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    var_dir = migrated()
    reference_us = _nginx_us(nginx, var_dir) if Path(nginx).exists() else float("nan")
    ours_us = _ours_us(var_dir)
    ratio = ours_us / reference_us
    print(
        f"segment PUT 40 KB, durable: {ours_us:.0f} us CPU; nginx PUT, not durable: {reference_us:.0f} us; {ratio:.2f}x"
    )
    return {
        "segment_put.cpu_us": round(ours_us),
        "segment_put.nginx_cpu_us": round(reference_us),
        "segment_put.ratio_to_nginx": round(ratio, 2),
    }


Send = Callable[[int, int, bytes], Awaitable[int]]


async def _minute(send: Send) -> None:
    """Every seat sends its segments one after the other, all seats at once."""

    async def seat(index: int) -> None:
        for number in range(1, SEGMENTS + 1):
            status = await send(index, number, fragment(number))
            if status not in {201, 204}:
                raise RuntimeError(f"segment {number} of seat {index} was answered {status}")

    await asyncio.gather(*(seat(index) for index in range(SEATS)))


def _ours_us(var_dir: Path) -> float:
    candidates = seats(SEATS)
    encoder = Encoder(WEBCAM)
    init = encoder.init().content

    async def load(port: int, cpu_s: Callable[[], float]) -> float:
        lines = [Connection(port, seat.token) for seat in candidates]
        codecs = f"x-codecs: {encoder.codecs}\r\n"
        for line in lines:
            await line.send("PUT", "/live/v1/media/webcam/1/0", init, _headers(init, 0) + codecs)

        async def send(index: int, number: int, content: bytes) -> int:
            path = f"/live/v1/media/webcam/1/{number}"
            return (await lines[index].send("PUT", path, content, _headers(content, number)))[0]

        before = cpu_s()
        await _minute(send)
        return cpu_s() - before

    with serving(var_dir) as place:
        used_s = asyncio.run(load(place.port, place.cpu_s))
    return used_s / (SEATS * SEGMENTS) * 1e6


def _headers(content: bytes, number: int) -> str:
    kind = "fragment" if number else "init"
    digest = hashlib.sha256(content).hexdigest()
    times = f"x-t-ms: {max(number - 1, 0) * 1000}\r\nx-d-ms: 1000\r\nx-key: 1\r\n"
    return f"x-sha256: {digest}\r\nx-kind: {kind}\r\n{times}"


def _nginx_us(nginx: str, var_dir: Path) -> float:
    async def load(port: int, process: psutil.Process) -> float:
        lines = [Connection(port) for _ in range(SEATS)]

        async def send(index: int, number: int, content: bytes) -> int:
            return (await lines[index].send("PUT", f"/seat-{index}/{number}", content))[0]

        before = process.cpu_times()
        await _minute(send)
        after = process.cpu_times()
        return float(after.user + after.system - before.user - before.system)

    with _nginx(nginx, var_dir / "nginx") as (port, process):
        used_s = asyncio.run(load(port, process))
    return used_s / (SEATS * SEGMENTS) * 1e6


@contextmanager
def _nginx(nginx: str, here: Path) -> Iterator[tuple[int, psutil.Process]]:
    """nginx in one process on a free port, until the block ends."""
    (here / "files").mkdir(parents=True)
    port = free_port()
    (here / "nginx.conf").write_text(_CONF.format(here=here, port=port), encoding="utf-8")
    command = [nginx, "-c", str(here / "nginx.conf"), "-p", str(here)]
    with subprocess.Popen(command, env=dict(os.environ)) as process:
        try:
            asyncio.run(opened(port))
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
