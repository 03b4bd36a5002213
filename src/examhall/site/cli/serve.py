"""`examhall serve`."""

import argparse
import subprocess
import threading

import uvicorn

from examhall.site.cli import companion
from examhall.site.short_protocol import ShortProtocol

RESTART_WAIT_S = 1.0  # a worker that dies at once must not spin
STOP_WITHIN_S = 15.0
KEEP_ALIVE_S = 30  # longer than a heartbeat's 5 s: a kept connection saves its handshake and never ends under a request


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-worker", action="store_true", help="do not start a worker beside the doors")


def run(options: argparse.Namespace) -> int:
    """Open the doors until told to stop; keeps one worker running beside them."""
    companion.leave_in_order()
    keeper = None if options.no_worker else WorkerKeeper()
    if keeper is not None:
        keeper.start()
    try:
        uvicorn.run(
            "examhall.site.asgi:application",
            host=options.host,
            port=options.port,
            log_level="warning",
            lifespan="on",
            http=ShortProtocol,
            loop="uvloop",
            timeout_keep_alive=KEEP_ALIVE_S,
            ws="websockets-sansio",
            timeout_graceful_shutdown=5,
            server_header=False,
            access_log=False,
        )
    finally:
        if keeper is not None:
            keeper.stop()
    return 0


class WorkerKeeper:
    """Runs `examhall worker` as a child process and starts it again when it dies."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._child is not None:
            companion.end(self._child, within_s=STOP_WITHIN_S)
        self._thread.join(timeout=STOP_WITHIN_S)

    def _keep(self) -> None:
        while not self._ended.is_set():
            self._child = companion.start("worker")
            self._child.wait()
            self._ended.wait(RESTART_WAIT_S)
