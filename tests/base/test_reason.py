"""Why somebody did something."""

import pytest

from examhall.base.errors import BadInput
from examhall.base.reason import REASON_MAX, given_reason


def test_a_reason_is_kept_whole_and_without_the_space_around_it() -> None:
    """R-1.6: the log records actor, action, reason, time."""
    assert given_reason(f"  {'a' * REASON_MAX} ") == "a" * REASON_MAX


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "A reason is needed."), ("   ", "A reason is needed."), ("a" * (REASON_MAX + 1), "The reason is too long")],
)
def test_none_and_one_too_long_are_refused_and_never_cut_short(text: str, said: str) -> None:
    """R-1.6, bad input: the error names the field and what to do."""
    with pytest.raises(BadInput, match=said) as refused:
        given_reason(text, remedy="Say who decided it.")
    assert refused.value.fields == {"reason": f"Say who decided it. 1 to {REASON_MAX} characters."}
