"""What a person's judgement does to an incident (product.md §2.7): the positive table and what a verdict must say."""

from collections.abc import Mapping

from examhall.base.errors import BadInput, IllegalMove
from examhall.base.words import DismissReason, IncidentState, Verdict

NOTE_MAX = 1000

_S = IncidentState
_DECIDED = {Verdict.CONFIRMED: _S.CONFIRMED, Verdict.DISMISSED: _S.DISMISSED, Verdict.UNSURE: _S.UNSURE}

TRANSITIONS: Mapping[tuple[IncidentState, Verdict], IncidentState] = {
    (state, verdict): after
    for state in (_S.OPEN, _S.CONFIRMED, _S.DISMISSED, _S.UNSURE)
    for verdict, after in _DECIDED.items()
}
"""A decided incident may be decided anew (the history stays); a merged or superseded one is not judged any more."""


def after(state: IncidentState, verdict: Verdict) -> IncidentState:
    """The state `verdict` leads to. Raises IllegalMove when the table has no such pair."""
    try:
        return TRANSITIONS[state, verdict]
    except KeyError:
        raise IllegalMove(state.value, verdict.value) from None


def checked(verdict: Verdict, reason: DismissReason | None, note: str) -> str:
    """The note, trimmed. Raises BadInput unless a dismissal names its reason, and "other" says which."""
    said = note.strip()
    if len(said) > NOTE_MAX:
        raise BadInput(f"A note has at most {NOTE_MAX} characters.", fields={"note": "shorten it"})
    if verdict is Verdict.DISMISSED and reason is None:
        raise BadInput("Say why this incident is set aside.", fields={"reason": "choose a reason"})
    if verdict is not Verdict.DISMISSED and reason is not None:
        raise BadInput("Only a dismissal has a reason; use the note.", fields={"reason": "leave it out"})
    if reason is DismissReason.OTHER and not said:
        raise BadInput("Say in the note what the other reason is.", fields={"note": "write a sentence"})
    return said


REASON_WORDS: Mapping[DismissReason, str] = {
    DismissReason.EXPLAINED: "Explained by the candidate",
    DismissReason.ACCOMMODATION: "Covered by an accommodation",
    DismissReason.TECHNICAL: "Technical cause",
    DismissReason.DETECTOR_ERROR: "Detector was wrong",
    DismissReason.DUPLICATE: "Duplicate of another incident",
    DismissReason.ALLOWED: "Allowed by the rules of this exam",
    DismissReason.OTHER: "Other (say which)",
}
