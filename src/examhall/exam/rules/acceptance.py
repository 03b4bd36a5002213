"""Which answers that do not count staff may let count, and when (product.md §8.2, §8.3)."""

from collections.abc import Mapping

from examhall.base.errors import Conflict
from examhall.base.words import AttemptState as State
from examhall.exam.rules.answers import Refusal

_ALL = frozenset({Refusal.AFTER_DEADLINE, Refusal.AFTER_STOP, Refusal.STALE_LEASE})

ACCEPTABLE: Mapping[State, frozenset[Refusal]] = {
    State.STOPPED: frozenset({Refusal.AFTER_STOP}),
    State.HANDED_IN: _ALL,
    State.TIMED_OUT: _ALL,
}
"""An orphan of another client only once the attempt has ended: until then it would stand in the way of what the
client that holds the attempt still saves."""

KEPT = _ALL
"""Refusals under which an answer is kept for staff to decide."""


class NotAcceptable(Conflict):
    """This answer cannot be made to count, or not now."""

    code = "not_acceptable"


def is_acceptable(refusal: Refusal | None, *, state: State) -> bool:
    """For buttons, never instead of `ensure_acceptable`."""
    return refusal in ACCEPTABLE.get(state, frozenset())


def ensure_acceptable(refusal: Refusal | None, *, state: State, accepted_before: bool) -> None:
    """Raise NotAcceptable. accepted_before: another answer of the same question was accepted (§8.3: one per item)."""
    if refusal is None:
        raise NotAcceptable("This answer was saved in time. There is nothing to accept.")
    if accepted_before:
        raise NotAcceptable("An answer of this question was accepted already. One can be accepted per question.")
    if refusal not in KEPT:
        raise NotAcceptable("An answer that was refused for this reason cannot be accepted.")
    if not is_acceptable(refusal, state=state):
        when = "once it is stopped or has ended" if refusal is Refusal.AFTER_STOP else "once the attempt has ended"
        raise NotAcceptable(f"The attempt is {state.value.replace('_', ' ')}. This answer can be accepted {when}.")
