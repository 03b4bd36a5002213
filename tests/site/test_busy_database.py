"""A database that others keep busy: whoever asks waits, and is told calmly when waiting did not help."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password
from django.db import OperationalError, connection
from django.test import Client
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from examhall.base.action import action
from examhall.base.busy import busy_of
from examhall.base.errors import Busy, ExamhallError
from examhall.base.words import StreamKind
from examhall.base.writer import BatchVerb, GroupWriter
from examhall.journal.actions import open_stream
from examhall.people.access.actor import actor_for_user
from examhall.people.actions.people import add_person, set_password, set_up
from examhall.site.asgi import refuse
from examhall.site.short_way import ShortWay

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite has one lock for all writers"),
]

PASSWORD = "violets grow in october"
SIGN_IN = "/accounts/login/"


@pytest.fixture
def amara() -> UUID:
    set_up()
    user = add_person("amara", name="Amara Okonkwo", email="amara@example.org")
    set_password(user, password=PASSWORD)
    return user


@contextmanager
def held() -> Iterator[None]:
    """Somebody else writes all the time, and we wait for a twentieth of a second."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            connection.close()


def test_a_sign_in_that_waited_in_vain_gets_a_calm_page(amara: UUID) -> None:
    """Issue: a 500 'database is locked'; product.md §7: error with cause, retry and contact."""
    with held():
        answer = Client(raise_request_exception=False).post(SIGN_IN, {"login": "amara", "password": PASSWORD})
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Very much is being stored just now" in page
    assert "busy 503" in page


def test_a_program_is_told_why_it_has_to_come_again(amara: UUID) -> None:
    """house.md §6: doors translate in one place: a fault of any layer has its code."""
    web = Client(raise_request_exception=False, headers={"Accept": "application/json"})
    with held():
        answer = web.post(SIGN_IN, {"login": "amara", "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "5", "busy")


def test_a_sign_in_waits_for_whoever_writes(amara: UUID) -> None:
    """Issue: an interactive request waits instead of failing at once."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)) as o:
        o.execute("BEGIN IMMEDIATE")
        ends = threading.Timer(0.5, o.execute, ["ROLLBACK"])
        ends.start()
        answer = Client().post(SIGN_IN, {"login": "amara", "password": PASSWORD})
        ends.join()
    assert answer.status_code == 302


async def _locked(request: Request) -> Response:
    with held():
        add_person("somebody", name="Some Body")
    raise AssertionError("somebody else held the lock")


async def _mistaken(request: Request) -> Response:
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column")
    raise AssertionError("there is no such column")


ROUTES = [Route("/locked", _locked, methods=["POST"]), Route("/mistaken", _mistaken, methods=["POST"])]


@pytest.fixture(params=["short", "usual"])
def live(request: pytest.FixtureRequest) -> TestClient:
    refusals = {ExamhallError: refuse, OperationalError: refuse}
    usual = Starlette(routes=[Mount("/live/v1", routes=ROUTES)], exception_handlers=refusals)
    short = ShortWay(usual, prefix="/live/v1", routes=ROUTES, refuse=refuse)
    return TestClient(short if request.param == "short" else usual)


@pytest.fixture
def in_this_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Endpoints of these tests ask the database inside the loop."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.mark.usefixtures("in_this_thread")
def test_the_live_door_asks_to_come_again(live: TestClient) -> None:
    """design.md §3: a candidate's client keeps what was answered 503 and sends it again."""
    answer = live.post("/live/v1/locked")
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["code"]) == (503, "5", "busy")


@pytest.mark.usefixtures("in_this_thread")
def test_a_mistake_in_a_statement_is_not_called_busy(live: TestClient) -> None:
    """Bad input: SQLite calls both an operational error, and trying again mends only one."""
    with pytest.raises(OperationalError, match="no_such_column"):
        live.post("/live/v1/mistaken")


def test_other_faults_are_not_called_busy() -> None:
    """Bad input: what trying again does not mend."""
    assert busy_of(ValueError("wrong")) is None
    assert busy_of(None) is None


def test_a_busy_database_costs_a_batch_one_wait(amara: UUID) -> None:
    """Issue: trying each half of 256 commands for 20 s would keep candidates waiting for hours."""
    tries: list[int] = []

    def write(commands: Sequence[int]) -> list[int | ExamhallError]:
        tries.append(len(commands))
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError("database is locked") from cause

    verb: BatchVerb[int, int] = BatchVerb("write", write, wait_s=30)
    writer = GroupWriter(max_commands=8, max_wait_s=30)
    answers = [writer.submit(verb, number) for number in range(8)]
    assert [type(answer.exception(timeout=10)) for answer in answers] == [Busy] * 8
    writer.stop()
    assert tries == [8]


def test_a_writer_that_never_rests_leaves_room_for_a_sign_in(amara: UUID) -> None:
    """Issue: the lock was taken again within microseconds, and who looked every 0.1 s never found it free."""
    ended = threading.Event()
    writer = GroupWriter()

    def slowly(commands: Sequence[int]) -> list[int | ExamhallError]:
        threading.Event().wait(0.3)  # a disk that takes its time
        if not ended.is_set():
            writer.submit(busy, 1)
        return list(commands)

    busy: BatchVerb[int, int] = BatchVerb("busy", slowly, wait_s=0)
    writer.submit(busy, 1)
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 8000")
        answer = Client(raise_request_exception=False).post(SIGN_IN, {"login": "amara", "password": PASSWORD})
    finally:
        ended.set()
        writer.stop()
        connection.close()
    assert answer.status_code == 302


def test_a_hash_is_made_while_others_can_write(amara: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue: a hash that takes seconds on a loaded machine kept SQLite's lock for as long."""
    opened: list[UUID] = []

    def meanwhile(password: str) -> str:
        opened.append(action(open_stream)(StreamKind.ATTEMPT))  # refused inside another transaction
        return make_password(password)

    monkeypatch.setattr("examhall.people.actions.people.make_password", meanwhile)
    set_password(amara, password=PASSWORD, by=actor_for_user(amara))
    assert len(opened) == 1
