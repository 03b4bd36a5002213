"""Looks at an installation as its administrator would at eight on exam day, and says how to mend each finding."""

import os
import socket
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.core.mail import get_connection
from django.db import DatabaseError, connection

from examhall.base.queue import backlog, trouble
from examhall.base.settings import settings
from examhall.incidents import own
from examhall.incidents.detectors.own import OwnRefused
from examhall.incidents.store import Presence, status
from examhall.people.actions.letter import LETTER
from examhall.people.reads.password import staff_can_sign_in
from examhall.site import health

OLDEST_JOB_S = 60.0  # a worker that runs takes a job up within a second; a minute means there is none
MAIL_WITHIN_S = 5.0
CLIENT_FILES = ("build/site.js", "build/worker.js", "build/examhall.css", "build/icons.svg")


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` is empty when all is well; `grave` findings keep an exam from being taken."""

    what: str
    found: str
    mend: str = ""
    grave: bool = True

    @property
    def well(self) -> bool:
        return not self.mend


def examine() -> Iterable[Finding]:
    """Every finding, in the order in which they should be mended."""
    for look in LOOKS:
        yield from look()
    if not health.database_reason():
        for look in LOOKS_AT_ROWS:
            yield from look()


def _python() -> Iterable[Finding]:
    version = ".".join(str(n) for n in sys.version_info[:3])
    mend = "" if sys.version_info >= (3, 11) else "Examhall needs Python 3.11 or newer."
    yield Finding("Python", version, mend)


def _var_dir() -> Iterable[Finding]:
    var_dir = settings().var_dir
    writable = var_dir.is_dir() and os.access(var_dir, os.W_OK)
    yield Finding(
        "var_dir", str(var_dir), "" if writable else f"Make {var_dir} writable for this user, or set `var_dir`."
    )
    key = var_dir / "secret.key"
    if key.exists():
        private = key.stat().st_mode & 0o077 == 0
        yield Finding(
            "secret key", "private" if private else "readable by others", "" if private else f"chmod 600 {key}"
        )


def _ready() -> Iterable[Finding]:
    state = health.check()
    yield _database(state.database)
    yield Finding("disk", f"{state.free_bytes / 2**30:.1f} GiB free")
    for reason in state.reasons:
        yield Finding("ready", "not ready", reason)


def _database(vendor: str) -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sqlite_version()" if vendor == "sqlite" else "SHOW server_version")
            return Finding("database", f"{vendor} {cursor.fetchone()[0]}")
    except DatabaseError as fault:
        return Finding("database", vendor, f"Check `database_url` and its server ({str(fault).strip()}).")


def _client() -> Iterable[Finding]:
    absent = [name for name in CLIENT_FILES if finders.find(name) is None]
    yield Finding(
        "client", "built" if not absent else f"{', '.join(absent)} absent", "Run `make setup`." if absent else ""
    )


def _address() -> Iterable[Finding]:
    url = urlsplit(settings().public_url)
    local = url.hostname in {"127.0.0.1", "localhost", "::1"}
    safe = url.scheme == "https" or local
    mend = "" if safe else "Browsers open cameras only on https:// or localhost: serve `public_url` over https."
    yield Finding("public_url", settings().public_url, mend)
    named = url.hostname in settings().allowed_hosts
    if not named:
        yield Finding("allowed_hosts", ", ".join(settings().allowed_hosts), f"Add {url.hostname} to `allowed_hosts`.")


def _people() -> Iterable[Finding]:
    well = staff_can_sign_in()
    mend = "Run `examhall account add LOGIN --name NAME --role 'Site administrator'`, then `examhall account password`."
    yield Finding("staff", "can sign in" if well else "nobody can sign in", "" if well else mend)


def _mail() -> Iterable[Finding]:
    host = settings().smtp_host
    if not host:
        mend = "Set `smtp_host` and `mail_from`, so that people get links to choose a password."
        yield Finding("mail", "none is sent", "" if settings().demo else mend, grave=False)
        return
    where = f"{host}:{settings().smtp_port}"
    try:
        with get_connection(timeout=MAIL_WITHIN_S):
            yield Finding("mail", f"{where} takes our mail")
    except (OSError, SMTPException) as fault:
        mend = f"Check `smtp_host`, `smtp_port`, `smtp_security`, `smtp_user` and `smtp_password` ({fault})."
        yield Finding("mail", f"{where} does not take our mail", mend, grave=False)


def _worker() -> Iterable[Finding]:
    waiting = backlog()
    mend = ""
    if waiting.oldest_s > OLDEST_JOB_S:
        mend = "No worker takes up jobs: start `examhall serve` (it brings one) or `examhall worker`."
    yield Finding(
        "jobs", f"{waiting.ready} waiting, oldest {waiting.oldest_s:.0f} s, {waiting.failed} failed", mend, False
    )


def _letters() -> Iterable[Finding]:
    unsent = trouble(LETTER)
    mend = ""
    if unsent.waiting or unsent.given_up:
        mend = "See `mail` above; once it is well, write again from the schedule's page to who still has no password."
    yield Finding("letters", f"{unsent.waiting} tried again later, {unsent.given_up} given up in a week", mend, False)


def _serving() -> Iterable[Finding]:
    path: Path = settings().wake_socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            sender.connect(str(path))
        except OSError:
            yield Finding("doors", "closed", "Nobody serves from this `var_dir`: run `examhall serve`.", False)
            return
    yield Finding("doors", "open")


def _models() -> Iterable[Finding]:
    for one in status(settings().models_root):
        altered = one.presence is Presence.ALTERED
        yield Finding(f"model {one.model.name}", one.presence.value, one.remedy, grave=altered)
    theirs = own.installed(settings().models_root)
    if isinstance(theirs, OwnRefused):
        yield Finding(
            "own detector", "not usable", f"{theirs.message} `examhall detectors check-own` says more.", grave=False
        )
    elif theirs is not None:
        yield Finding(f"own detector {theirs.spec.name}", "ready")


LOOKS: list[Callable[[], Iterable[Finding]]] = [
    _python,
    _var_dir,
    _ready,
    _client,
    _address,
    _mail,
    _models,
    _serving,
]
LOOKS_AT_ROWS: list[Callable[[], Iterable[Finding]]] = [_people, _worker, _letters]
