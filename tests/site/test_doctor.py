"""`examhall doctor` and `/healthz`: what is well, and each finding with its remedy."""

import shutil
import socket
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from tests.fixtures.post_office import PostOffice
from tests.site.conftest import Given

from examhall.base.settings import settings
from examhall.people.actions.people import add_person, grant_roles, set_password
from examhall.site import doctor
from examhall.site.cli.main import main

pytestmark = pytest.mark.django_db(transaction=True)

Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Status and text of `examhall doctor`."""

    def run(*words: str) -> tuple[int, str]:
        return main(["doctor", *words]), capsys.readouterr().out

    return run


@pytest.fixture
def staffed(root: UUID) -> None:
    nora = add_person("nora", name="Nora Lindgren")
    grant_roles(nora, unit=root, roles=["Site administrator"])
    set_password(nora, password="violets grow in october")


@contextmanager
def as_before_migrate() -> Iterator[None]:
    """The database as it is when `examhall migrate` has not run to its end."""
    call_command("migrate", "people", "zero", "--fake", verbosity=0)
    try:
        yield
    finally:
        call_command("migrate", "--fake", verbosity=0)


def test_a_healthy_installation_is_told_so(staffed: None, said: Said) -> None:
    """Issue 2 §7: `examhall doctor` checks the installation."""
    status, text = said()
    assert (status, "FIX " in text) == (0, False)
    assert "ok   staff: can sign in" in text
    assert f"ok   var_dir: {settings().var_dir}" in text


def test_strict_also_fails_on_what_only_needs_attention(staffed: None, said: Said) -> None:
    """docs/reference/commands.md: `doctor --strict`."""
    assert (said()[0], said("--strict")[0]) == (0, 1)


def test_an_installation_without_staff_names_the_command(root: UUID, said: Said) -> None:
    """R-0.40: nobody is left before a closed door."""
    add_person("amara", name="Amara Okonkwo")
    status, text = said()
    assert (status, "FIX  staff: nobody can sign in" in text, "examhall account add" in text) == (1, True, True)


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ({"public_url": "http://exams.example.org"}, "serve `public_url` over https"),
        ({"public_url": "https://exams.example.org"}, "Add exams.example.org to `allowed_hosts`"),
        ({"var_dir": "/nowhere"}, "Make /nowhere writable"),
    ],
)
def test_a_setting_that_keeps_an_exam_from_being_taken_fails(
    staffed: None, given: Given, said: Said, monkeypatch: pytest.MonkeyPatch, ours: dict[str, str], told: str
) -> None:
    """Issue 2 §7: doctor says how to mend each finding."""
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)
    given(**ours)
    status, text = said()
    assert (status, told in text) == (1, True)


def test_a_key_that_others_can_read_is_found(staffed: None, said: Said) -> None:
    """design.md §10: secrets are private."""
    key = settings().var_dir / "secret.key"
    before = key.read_text() if key.exists() else None
    key.write_text(before or "x")
    key.chmod(0o644)
    status, text = said()
    key.chmod(0o600)
    assert (status, f"chmod 600 {key}" in text) == (1, True)


def test_models_that_are_absent_are_named_and_do_not_keep_an_exam_from_being_taken(
    staffed: None, given: Given, said: Said, tmp_path: Path
) -> None:
    """Issue 2 §5: a working product without media detectors if models are absent."""
    given(models_dir=tmp_path)
    status, text = said()
    assert (status, text.count("note model ") > 0, "examhall models install" in text) == (0, True, True)


def test_a_model_that_is_not_what_it_should_be_fails_with_its_remedy(
    staffed: None, given: Given, said: Said, tmp_path: Path
) -> None:
    """Issue 3: wrong hash or version: named, with what to do."""
    given(models_dir=tmp_path)
    (tmp_path / "silero_vad_16k_op15.onnx").write_bytes(b"of an older version")
    status, text = said()
    assert status == 1
    assert "not the expected file of the model voice" in text
    assert "Remove it and run `examhall models install`" in text


def test_without_a_mail_server_the_settings_are_named(staffed: None, said: Said) -> None:
    """Issue 2 §7: people without passwords get no links."""
    status, text = said()
    assert (status, "note mail: none is sent" in text, "Set `smtp_host` and `mail_from`" in text) == (0, True, True)


def test_the_mail_server_is_asked(staffed: None, office: PostOffice, said: Said) -> None:
    """Issue 2 §7: mail that cannot be sent is known before the day."""
    assert f"ok   mail: 127.0.0.1:{office.port} takes our mail" in said()[1]
    office.shutdown()
    office.server_close()
    status, text = said()
    assert (status, "does not take our mail" in text, "Check `smtp_host`" in text) == (0, True, True)


def test_a_served_site_and_waiting_jobs_are_seen(
    staffed: None, said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Issue 2 §7: doors and worker."""
    assert "note doors: closed" in said()[1]
    place = settings().wake_socket
    place.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as serving:
        serving.bind(str(place))
        assert "ok   doors: open" in said()[1]
    place.unlink()
    monkeypatch.setattr(doctor, "OLDEST_JOB_S", -1.0)
    assert "No worker takes up jobs: start `examhall serve`" in said()[1]


def test_a_client_that_was_not_built_is_found(staffed: None, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 2 §7: `make setup` was forgotten."""
    monkeypatch.setattr(doctor, "CLIENT_FILES", ("build/absent.js",))
    status, text = said()
    assert (status, "build/absent.js absent" in text, "Run `make setup`" in text) == (1, True, True)


def test_before_migrate_doctor_and_health_name_the_command(said: Said) -> None:
    """Issue 2, fixed points: `/healthz` answers 503 with reasons before the site is ready."""
    with as_before_migrate():
        answer = Client().get("/healthz")
        status, text = said()
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
    assert answer.json()["reasons"] == ["The database is not up to date: run `examhall migrate`."]
    assert (status, "run `examhall migrate`" in text) == (1, True)
    assert Client().get("/healthz").json()["status"] == "ok"


def test_a_full_disk_is_a_reason_not_to_begin(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 2, fixed points: 503 with reasons."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 1))
    answer = Client().get("/healthz")
    assert answer.status_code == 503
    assert "Less than 500 MiB free" in answer.json()["reasons"][0]
    assert "FIX  ready: not ready" in said()[1]


def test_a_database_that_is_gone_is_a_reason(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 2, fixed points: 503 with reasons, not 500."""
    connection.close()
    absent = Path("/nowhere") / "examhall.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(absent))
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    answer = Client().get("/healthz")
    status, text = said()
    connection.close()
    monkeypatch.undo()
    assert answer.status_code == 503
    assert "check `database_url`" in answer.json()["reasons"][0]
    assert (status, "check `database_url`" in text) == (1, True)
