"""What a person's judgement does to an incident."""

import pytest

from examhall.base.errors import BadInput, IllegalMove
from examhall.base.words import DismissReason, IncidentState, Verdict
from examhall.incidents.rules.verdict import TRANSITIONS, after, checked

S = IncidentState
JUDGED = {Verdict.CONFIRMED: S.CONFIRMED, Verdict.DISMISSED: S.DISMISSED, Verdict.UNSURE: S.UNSURE}


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("state", [S.OPEN, S.CONFIRMED, S.DISMISSED, S.UNSURE])
def test_an_open_or_decided_incident_may_be_decided(state: IncidentState, verdict: Verdict) -> None:
    """product.md §2.7: open to decided, decided to another decision."""
    assert after(state, verdict) is JUDGED[verdict]


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("state", [S.MERGED, S.SUPERSEDED])
def test_a_replaced_incident_is_not_judged_any_more(state: IncidentState, verdict: Verdict) -> None:
    """product.md §2.7: merged and superseded are ends."""
    assert (state, verdict) not in TRANSITIONS
    with pytest.raises(IllegalMove):
        after(state, verdict)


@pytest.mark.parametrize(
    ("verdict", "reason", "note", "field"),
    [
        (Verdict.DISMISSED, None, "", "reason"),
        (Verdict.DISMISSED, DismissReason.OTHER, "  ", "note"),
        (Verdict.CONFIRMED, DismissReason.EXPLAINED, "", "reason"),
        (Verdict.UNSURE, None, "x" * 1001, "note"),
    ],
)
def test_a_verdict_that_does_not_say_enough_names_the_field(
    verdict: Verdict, reason: DismissReason | None, note: str, field: str
) -> None:
    """R-2.5: dismissed with a reason."""
    with pytest.raises(BadInput) as refused:
        checked(verdict, reason, note)
    assert field in refused.value.fields


def test_a_note_is_trimmed() -> None:
    """R-1.7: with note."""
    assert checked(Verdict.DISMISSED, DismissReason.OTHER, "  a cat ") == "a cat"
