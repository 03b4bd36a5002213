"""The words of the candidate log."""

import pytest

from examhall.base.words import EntryGroup, EntryKind
from examhall.invigilation.rules.detail import detail
from examhall.invigilation.rules.labels import GROUPS, LABELS


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_kind_of_entry_has_a_label(kind: EntryKind) -> None:
    """R-4.9: the label of product.md §9, never a code."""
    assert LABELS[kind]
    assert LABELS[kind] != kind.value


def test_no_two_kinds_are_called_the_same() -> None:
    """R-4.9: a reader can tell them apart."""
    assert len(set(LABELS.values())) == len(LABELS)


@pytest.mark.parametrize("group", list(EntryGroup))
def test_every_group_has_a_chip(group: EntryGroup) -> None:
    """R-4.31: filters by group."""
    assert GROUPS[group].word
    assert GROUPS[group].icon


@pytest.mark.parametrize("kind", list(EntryKind))
def test_no_extra_field_breaks_a_detail(kind: EntryKind) -> None:
    """R-4.1: a line whose extra fields are odd is still listed."""
    odd = {"reason": None, "minutes": "x", "effective_s": None, "gap_s": "?", "kind": 5, "from_ms": 1, "to_ms": 2}
    assert isinstance(detail(kind, odd), str)
    assert isinstance(detail(kind, {}), str)


@pytest.mark.parametrize(
    ("kind", "extra", "words"),
    [
        (EntryKind.EXAM_PAUSED, {"reason": "fire alarm", "pending": False}, "fire alarm · Ines"),
        (EntryKind.EXAM_PAUSED, {"reason": "x", "pending": True}, "x · pending until reconnect · Ines"),
        (
            EntryKind.EXTRA_TIME_GRANTED,
            {"minutes": 10, "effective_s": 360.0, "reason": "noise"},
            "10 min asked, 6 min effective · noise · Ines",
        ),
        (
            EntryKind.EXTRA_TIME_GRANTED,
            {"kind": "hold", "seconds": 2.0, "effective_s": 2.0, "reason": "camera lost"},
            "2 s asked, 2 s effective · camera lost · Ines",
        ),
        (EntryKind.EXAM_RESUMED, {"paused_s": 22.0, "reason": "false alarm"}, "after 22 s · false alarm · Ines"),
        (EntryKind.HEARTBEAT_RESTORED, {"gap_s": 84.2}, "gap 84 s · Ines"),
        (EntryKind.EXAM_COMPLETED, {"by": "candidate", "receipt": "R-7"}, "by the candidate, receipt R-7 · Ines"),
        (
            EntryKind.CLIPBOARD_USED,
            {"act": "paste", "chars": 250, "outside": True, "blocked": True},
            "paste, 250 characters, from outside the exam, blocked · Ines",
        ),
        (EntryKind.RESIZE, {"from": "1200x800", "to": "480x800", "share": 0.4}, "from 1200x800 to 480x800 · Ines"),
        (EntryKind.ANSWER_SAVED, {"revision": 2, "client_seq": 9}, "revision 2 · Ines"),
        (EntryKind.REANALYSIS_FINISHED, {"set": 1, "incidents": 31, "rules": "2-f"}, "set 1 · 31 incidents · Ines"),
        (EntryKind.REANALYSIS_ADOPTED, {"set": 0, "before": 1, "reason": "right"}, "original set · right · Ines"),
    ],
)
def test_a_detail_says_what_happened_and_who_did_it(kind: EntryKind, extra: dict[str, object], words: str) -> None:
    """R-4.22, R-4.23: name and reason; minutes asked and effective."""
    assert detail(kind, extra, actor="Ines") == words
