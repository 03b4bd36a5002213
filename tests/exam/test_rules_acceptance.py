"""Which kept answers staff may let count."""

from itertools import product

import pytest

from examhall.base.words import AttemptState as State
from examhall.exam.rules.acceptance import KEPT, NotAcceptable, ensure_acceptable, is_acceptable
from examhall.exam.rules.answers import Refusal

R = Refusal
ALLOWED = {
    (State.STOPPED, R.AFTER_STOP),
    *product((State.HANDED_IN, State.TIMED_OUT), (R.AFTER_STOP, R.AFTER_DEADLINE, R.STALE_LEASE)),
}


@pytest.mark.parametrize(("state", "refusal"), list(product(State, (*Refusal, None))))
def test_only_what_was_late_or_orphaned_is_acceptable_and_only_then(state: State, refusal: Refusal | None) -> None:
    """product.md §8.2, §8.3: every state with every refusal."""
    allowed = (state, refusal) in ALLOWED
    assert is_acceptable(refusal, state=state) is allowed
    if allowed and refusal is not None:
        ensure_acceptable(refusal, state=state, accepted_before=False)
        with pytest.raises(NotAcceptable, match="One can be accepted per question"):
            ensure_acceptable(refusal, state=state, accepted_before=True)
    else:
        with pytest.raises(NotAcceptable):
            ensure_acceptable(refusal, state=state, accepted_before=False)


def test_what_is_kept_for_staff_can_be_accepted_some_time() -> None:
    """product.md §8.3: never counted automatically, staff may promote."""
    assert {refusal for _, refusal in ALLOWED} == KEPT
