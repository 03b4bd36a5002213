"""What a candidate goes through follows from the frozen policy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.errors import BadInput, Conflict
from examhall.base.words import IncidentKind, LookAt
from examhall.checkin.rules.agreement import agreement_of, ensure_same_text, signed_name
from examhall.checkin.rules.check import CheckedLine, Line, Result, lines_of, passes, picture_was_dark
from examhall.checkin.rules.expect import told
from examhall.checkin.rules.flow import Step, flow_of, still_to_do
from examhall.exam.rules.policy import Allow, FullScreen, Level, Lock, Policy, Record
from examhall.exam.rules.screen_words import Screen
from examhall.incidents.rules.baseline import BASELINE_KINDS, in_order

SILENT = Policy(record=Record(audio=False))
FREE = Policy(
    record=Record(video=False, audio=False, screen=False), lock=Lock(one_screen=False, full_screen=FullScreen.OFF)
)


def report(policy: Policy, **results: Result) -> list[CheckedLine]:
    return [CheckedLine(line, results.get(line.value, Result.PASS), "", "") for line in lines_of(policy)]


def test_steps_of_disabled_options_do_not_exist() -> None:
    """R-0.30: without recording and locks there is no check and no agreement."""
    assert flow_of(Policy()) == (Step.EXPECT, Step.CHECK, Step.AGREEMENT, Step.START)
    assert flow_of(FREE) == (Step.EXPECT, Step.START)


def test_what_is_done_is_not_asked_again() -> None:
    """R-0.17: a returning candidate goes on at the next step."""
    assert still_to_do(Policy(), done=()) == (Step.CHECK, Step.AGREEMENT)
    assert still_to_do(Policy(), done=(Step.CHECK,)) == (Step.AGREEMENT,)
    assert still_to_do(FREE, done=()) == ()


def test_the_check_asks_only_for_what_the_policy_uses() -> None:
    """R-0.19: no microphone line when no sound is recorded."""
    assert Line.MICROPHONE in lines_of(Policy())
    assert Line.MICROPHONE not in lines_of(SILENT)
    assert lines_of(FREE) == (Line.BROWSER, Line.CONNECTION, Line.STORAGE, Line.CLOCK)


def test_a_check_passes_with_warnings_and_not_with_a_failure() -> None:
    """R-0.14: a machine below a minimum does not pass; what could be better does."""
    assert passes(Policy(), report(Policy()))
    assert passes(Policy(), report(Policy(), microphone=Result.WARN))
    assert not passes(Policy(), report(Policy(), camera=Result.FAIL))


@given(st.sampled_from(lines_of(Policy())))
def test_a_line_left_out_is_a_line_failed(line: Line) -> None:
    """R-0.19: leaving the failing line out of the report does not help."""
    assert not passes(Policy(), [checked for checked in report(Policy()) if checked.line is not line])


def test_a_line_sent_twice_is_refused() -> None:
    """Issue 2, bad input: nobody could say which of the two counts."""
    twice = [*report(Policy(), camera=Result.FAIL), CheckedLine(Line.CAMERA, Result.PASS, "", "")]
    with pytest.raises(BadInput):
        passes(Policy(), twice)


def test_sound_that_is_off_is_listed_as_not_recorded() -> None:
    """R-0.18: given a profile with audio off, audio is listed as not recorded."""
    assert "Sound is not recorded" in [one.title for one in told(SILENT)]
    assert "Sound is recorded" in [one.title for one in told(Policy())]


def test_what_may_be_opened_is_told_by_name_and_not_beside_a_word_that_nothing_may() -> None:
    """R-2.18: who sits an exam with an allow-list knows what stands on it."""
    listed = {one.title: one.text for one in told(Policy(allow=Allow(sites="Desmos, Python docs")))}
    assert listed["Pages and programs you may open"].startswith("Desmos, Python docs; no others.")
    assert "No other pages or programs" not in listed
    assert "No other pages or programs" in [one.title for one in told(Policy())]


def test_the_window_to_come_back_is_told_in_minutes() -> None:
    """R-0.37: the two minutes are told before the exam."""
    [lost] = [one for one in told(Policy()) if one.icon == "wifi"]
    assert "2 minutes" in lost.text


def test_the_agreement_names_what_is_recorded_and_changes_its_hash_with_it() -> None:
    """R-0.21: the frozen text and its hash."""
    full, silent = agreement_of(Policy(), exam="Statics", contact=""), agreement_of(SILENT, exam="Statics", contact="")
    assert "camera, sound and screen" in full.plain()
    assert "sound" not in silent.plain().split("recorded:")[1].split(".")[0]
    assert full.sha256 != silent.sha256
    assert full.sha256 == agreement_of(Policy(), exam="Statics", contact="").sha256


@pytest.mark.parametrize(
    ("record", "level", "said"), [(True, "low", True), (True, "off", False), (False, "high", False)]
)
def test_the_agreement_says_when_faces_are_compared_and_what_else_is_possible(
    *, record: bool, level: str, said: bool
) -> None:
    """product.md §11.1: one to one, by consent, with an equal way without it."""
    policy = Policy(record=Record(video=record), detect={IncidentKind.IDENTITY_CHANGE: Level(level)})
    text = agreement_of(policy, exam="Statics", contact="").plain()
    assert ("compares your face" in text, "a person check instead" in text) == (said, said)


@pytest.mark.parametrize(
    ("words", "level", "said"), [("wikipedia", "medium", True), ("wikipedia", "off", False), ("", "high", False)]
)
def test_the_agreement_says_when_words_are_looked_for_on_the_screen(*, words: str, level: str, said: bool) -> None:
    """R-0.21: what a program does with the recording is told before it is made."""
    policy = Policy(screen=Screen(listed_words=words), detect={IncidentKind.OTHER_CONTENT: Level(level)})
    text = agreement_of(policy, exam="Statics", contact="").plain()
    assert ("looks for words on your recorded screen" in text) == said


def test_another_text_than_the_one_shown_is_not_accepted() -> None:
    """P5: what was agreed is what runs."""
    text = agreement_of(Policy(), exam="Statics", contact="")
    ensure_same_text(text, text.sha256)
    with pytest.raises(Conflict):
        ensure_same_text(text, "0" * 64)


def test_a_name_is_kept_without_stray_space_in_any_script() -> None:
    """R-0.21: explicit acceptance by a typed name."""
    assert signed_name("  Amara   Okonkwo ") == "Amara Okonkwo"
    assert [signed_name(name) for name in ("O", "李", "प्रिया", "Ивáн-2")] == ["O", "李", "प्रिया", "Ивáн-2"]


@pytest.mark.parametrize("wrong", ["", "   ", "x" * 201, ".", "12", "\u200b\u2060", "✓"])
def test_what_is_no_name_signs_nothing(wrong: str) -> None:
    """R-0.21: a signature that names nobody is refused at its field."""
    with pytest.raises(BadInput) as told:
        signed_name(wrong)
    assert list(told.value.fields) == ["typed_name"]


def test_the_pictures_are_told_of_and_agreed_to_where_they_serve_something() -> None:
    """R-0.18, product.md §11.1: told before any device is touched, consented to with the agreement."""
    alone = Policy(detect=dict.fromkeys(BASELINE_KINDS, Level.OFF))
    texts = [agreement_of(policy, exam="Statics", contact="").plain() for policy in (Policy(), alone, FREE)]
    assert ["If you took pictures" in text for text in texts] == [True, False, False]
    assert [any(one.icon == "scan-face" for one in told(policy)) for policy in (Policy(), alone, FREE)] == [
        True,
        False,
        False,
    ]


@given(st.binary(max_size=64), st.sampled_from([b"\xff\xd8", b"\xff\xd8\xff\xc0", b""]))
def test_whatever_bytes_come_as_a_picture_they_are_taken_or_refused(tail: bytes, head: bytes) -> None:
    """Issue 2, bad input: no bytes bring the reading of a header to a fault or a stand-still."""
    with pytest.raises(BadInput, match="no JPEG"):
        in_order([(look, head + tail + b"\xff\xd9") for look in LookAt])


@pytest.mark.parametrize(("result", "dark"), [("pass", False), ("warn", True), ("fail", None)])
def test_a_kept_check_says_whether_the_picture_was_dark(result: str, dark: bool | None) -> None:
    """product.md §11.4, lighting: a camera that could not be opened says nothing, nor does a check without one."""
    others = {"line": "clock", "result": "warn"}
    assert picture_was_dark([others, {"line": "camera", "result": result}]) is dark
    assert picture_was_dark([others]) is None
