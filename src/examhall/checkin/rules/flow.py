"""Which steps a candidate goes through, derived from the frozen policy (R-0.30), and what is still to do."""

from collections.abc import Collection
from enum import StrEnum

from examhall.exam.rules.policy import FullScreen, Policy, required_tracks

__all__ = ["STEP_WORDS", "Step", "flow_of", "steps_before_start", "still_to_do"]


class Step(StrEnum):
    """In the order they are taken."""

    EXPECT = "expect"
    CHECK = "check"
    AGREEMENT = "agreement"
    START = "start"


STEP_WORDS = {
    Step.EXPECT: "What to expect",
    Step.CHECK: "System check",
    Step.AGREEMENT: "Agreement",
    Step.START: "Start",
}


def flow_of(policy: Policy) -> tuple[Step, ...]:
    """The steps of an exam under `policy`; a step of a disabled option does not exist."""
    watched = bool(required_tracks(policy))
    locked = policy.lock.one_screen or policy.lock.full_screen is not FullScreen.OFF
    steps = [Step.EXPECT]
    if watched or locked:
        steps += [Step.CHECK, Step.AGREEMENT]
    return (*steps, Step.START)


def steps_before_start(policy: Policy) -> tuple[Step, ...]:
    """Those the server wants recorded before it lets an attempt start."""
    return tuple(step for step in flow_of(policy) if step in {Step.CHECK, Step.AGREEMENT})


def still_to_do(policy: Policy, *, done: Collection[Step]) -> tuple[Step, ...]:
    """In order; the first one is where a returning candidate goes on."""
    return tuple(step for step in steps_before_start(policy) if step not in done)
