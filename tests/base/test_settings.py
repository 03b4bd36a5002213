"""Settings come from a file and the environment, and nothing unknown is accepted."""

from pathlib import Path

import pytest

from examhall.base.errors import BadInput
from examhall.base.settings import load


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """design.md §8: one command starts on an embedded default."""
    file = tmp_path / "examhall.toml"
    file.write_text('public_url = "https://exams.example.org"\nmax_segment_bytes = 1000\n', encoding="utf-8")
    found = load(file, {"EXAMHALL_MAX_SEGMENT_BYTES": "2000", "EXAMHALL_ALLOWED_HOSTS": "a.org,b.org", "HOME": "/"})
    assert (found.public_url, found.max_segment_bytes) == ("https://exams.example.org", 2000)
    assert found.allowed_hosts == ["a.org", "b.org"]
    assert found.media_root == Path("var/media")


@pytest.mark.parametrize(
    "environ",
    [
        {"EXAMHALL_PUBLIC_ULR": "x"},
        {"EXAMHALL_MAX_SEGMENT_BYTES": "many"},
        {"EXAMHALL_COHORT_METRICS": "duration,mood"},
        {"EXAMHALL_SMTP_HSOT": "mail.example.org"},
        {"EXAMHALL_SMTP_PORT": "99999"},
        {"EXAMHALL_SMTP_SECURITY": "some"},
    ],
)
def test_an_unknown_or_wrong_setting_is_refused_by_name(environ: dict[str, str]) -> None:
    """Issue 2 §2: typed settings where an unknown key is an error."""
    with pytest.raises(BadInput) as refused:
        load(None, environ)
    assert "Known settings" in refused.value.message


def test_mail_goes_out_by_a_server_that_has_a_sender() -> None:
    """design.md §8: every knob has a default; a server needs a sender."""
    silent = load(None, {})
    assert (silent.sends_mail, silent.smtp_port, silent.smtp_security) == (False, 587, "starttls")
    assert load(None, {"EXAMHALL_DEMO": "true"}).sends_mail
    ours = {"EXAMHALL_SMTP_HOST": "mail.example.org", "EXAMHALL_SMTP_PORT": "465", "EXAMHALL_SMTP_SECURITY": "tls"}
    with pytest.raises(BadInput, match="mail_from"):
        load(None, ours)
    found = load(None, {**ours, "EXAMHALL_MAIL_FROM": "Exam office <exams@example.org>"})
    assert (found.sends_mail, found.smtp_port, found.smtp_security) == (True, 465, "tls")


@pytest.mark.parametrize(("medium", "high"), [("0", "50"), ("50", "50"), ("60", "50"), ("20", "101"), ("nan", "50")])
def test_bands_of_the_score_that_are_none_are_refused(medium: str, high: str) -> None:
    """product.md §7.1: the site can change the bands; they stay in order and inside 0 to 100."""
    with pytest.raises(BadInput, match="score_medium_from"):
        load(None, {"EXAMHALL_SCORE_MEDIUM_FROM": medium, "EXAMHALL_SCORE_HIGH_FROM": high})
    assert load(None, {"EXAMHALL_SCORE_MEDIUM_FROM": "15"}).score_medium_from == 15.0
