"""A server killed with kill -9 in the middle of an exam: what it acknowledged is there, and sending on doubles nothing.

Starts a real server process on the test's own database; takes some seconds because the process has to come up twice.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.exam.access.token import sign
from examhall.exam.reads.attempt import counting_answers, revisions
from examhall.journal.reads import verify
from tests.exam.sitting import CLIENT, Sitting, exam, started
from tests.fixtures.database import database_url

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS, WORKERS, KILL_AFTER = 120, 4, 30


@contextmanager
def serving() -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """The live door in a process of its own, and a client for it.

    The process is handed a socket that listens already, so the first request waits for it instead of asking again.
    """
    environ = {**os.environ, "EXAMHALL_DATABASE_URL": database_url(), "EXAMHALL_DOORS": "live"}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [sys.executable, "-m", "uvicorn", "examhall.site.asgi:application", "--fd", str(listening.fileno())]
        command += ["--http", "examhall.site.short_protocol:ShortProtocol", "--log-level", "error"]
        server = subprocess.Popen(command, env=environ, pass_fds=[listening.fileno()])
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/live/v1/"
    try:
        with httpx.Client(base_url=address, timeout=60) as client:
            assert client.post("heartbeat").status_code == 401
            yield client, server
    finally:
        server.kill()
        server.wait()


def _send(client: httpx.Client, sitting: Sitting, token: str, seq: int) -> dict[str, Any] | None:
    """Send answer number `seq`; its result, or None when no acknowledgement came."""
    answer = {
        "item_id": sitting.items[seq % 3],
        "client_seq": seq,
        "client_at": iso_ms(clock.now()),
        "mono_ms": seq,
        "response": f"answer {seq}",
    }
    body = {"epoch": sitting.epoch, "answers": [answer]}
    try:
        reply = client.post("answers", json=body, headers={"authorization": f"Bearer {token}"})
    except httpx.TransportError:
        return None
    found: dict[str, Any] = reply.json()["results"][0]
    return found


def test_every_acknowledged_answer_survives_kill_9_and_is_there_once(root: UUID) -> None:
    """Issue 2: server killed with kill -9 during an exam: every acknowledged answer is there after restart."""
    sitting = started(exam(root))
    row = sitting.row
    token = sign(
        attempt=row.id,
        registration=row.registration_id,
        user=row.registration.candidate_id,
        stream=row.stream_id,
        name=sitting.by.name,
        client=CLIENT,
        epoch=sitting.epoch,
    )
    acknowledged: dict[int, dict[str, Any]] = {}
    with serving() as (client, server), ThreadPoolExecutor(WORKERS) as pool:

        def send(seq: int) -> None:
            result = _send(client, sitting, token, seq)
            acknowledged.update({seq: result} if result else {})
            os.kill(server.pid, signal.SIGKILL if seq == KILL_AFTER else 0)

        list(pool.map(send, range(1, ANSWERS + 1)))
    stored = {r.client_seq: r.hash for r in revisions(sitting.attempt)}
    assert KILL_AFTER - WORKERS <= len(acknowledged) < ANSWERS
    assert {seq: stored.get(seq) for seq in acknowledged} == {seq: r["hash"] for seq, r in acknowledged.items()}
    assert verify(row.stream_id) is None
    with serving() as (client, _), ThreadPoolExecutor(WORKERS) as pool:
        again = list(pool.map(lambda seq: _send(client, sitting, token, seq), range(1, ANSWERS + 1)))
    assert {r["status"] for r in again if r} == {"saved", "repeat"}
    assert sum(1 for r in again if r and r["status"] == "repeat") == len(stored)
    assert sorted(r.client_seq for r in revisions(sitting.attempt)) == list(range(1, ANSWERS + 1))
    assert [a.response_json for a in counting_answers(sitting.attempt)] == [
        f'"answer {seq}"' for seq in range(ANSWERS - 2, ANSWERS + 1)
    ]
    assert verify(row.stream_id) is None
