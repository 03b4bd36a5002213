"""The acts on attempts as the pages show them: word, icon, what their dialog asks for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from examhall.base.words import AttemptAct, AttemptState
from examhall.exam.rules.attempt import STARTED, is_legal


class ActKey(StrEnum):
    """The last part of an act's address."""

    TIME = "time"
    PAUSE = "pause"
    RESUME = "resume"
    MESSAGE = "message"
    STOP = "stop"
    REOPEN = "reopen"
    HAND_IN = "hand-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    key: ActKey
    word: str
    icon: str
    title: str
    verb: str
    says: str = ""
    reason: bool = True
    minutes: bool = False
    body: bool = False
    grave: bool = False
    sure: str = ""


ACTS: Mapping[ActKey, Shown] = {
    act.key: act
    for act in (
        Shown(
            key=ActKey.TIME,
            word="Extra time…",
            icon="clock-plus",
            title="Give extra time?",
            verb="Give extra time",
            minutes=True,
        ),
        Shown(
            key=ActKey.PAUSE,
            word="Pause…",
            icon="circle-pause",
            title="Pause the exam?",
            verb="Pause",
            says="The exam is hidden and its clock stands still until you resume it.",
        ),
        Shown(
            key=ActKey.RESUME,
            word="Resume…",
            icon="circle-play",
            title="Resume the exam?",
            verb="Resume",
            says="The clock runs on; the paused time is given back as far as the final deadline allows.",
        ),
        Shown(
            key=ActKey.MESSAGE,
            word="Message…",
            icon="message-circle",
            title="Write a message",
            verb="Send message",
            reason=False,
            body=True,
        ),
        Shown(
            key=ActKey.REOPEN,
            word="Reopen…",
            icon="rotate-ccw",
            title="Let the candidate go on?",
            verb="Reopen",
            says="A stopped exam goes on with the time that is left. One whose time ran out needs minutes: enter them.",
            minutes=True,
        ),
        Shown(
            key=ActKey.HAND_IN,
            word="Hand in…",
            icon="circle-check-big",
            title="Hand in for the candidate?",
            verb="Hand in",
            says="What was saved counts. The candidate gets a receipt and cannot go on.",
            reason=False,
            grave=True,
            sure="I want to end this exam",
        ),
        Shown(
            key=ActKey.STOP,
            word="Stop…",
            icon="octagon-x",
            title="Stop the exam?",
            verb="Stop the exam",
            says="Saved answers are kept, and you can let the candidate back in. The clock runs on.",
            grave=True,
            sure="I want to stop this exam",
        ),
    )
}

_BULK = (ActKey.TIME, ActKey.PAUSE, ActKey.RESUME, ActKey.MESSAGE, ActKey.REOPEN, ActKey.STOP)
_MOVES: Mapping[ActKey, Collection[AttemptAct]] = {
    ActKey.PAUSE: (AttemptAct.PAUSE,),
    ActKey.RESUME: (AttemptAct.RESUME,),
    ActKey.STOP: (AttemptAct.STOP,),
    ActKey.REOPEN: (AttemptAct.REOPEN, AttemptAct.REOPEN_ENDED),
    ActKey.HAND_IN: (AttemptAct.HAND_IN,),
}


def bulk_acts() -> list[Shown]:
    return [ACTS[key] for key in _BULK]


def possible(key: ActKey, state: AttemptState) -> bool:
    """Whether the act can do something in this state; for buttons, never instead of the check."""
    if key is ActKey.TIME:
        return state in STARTED
    if key is ActKey.MESSAGE:
        return state not in {AttemptState.HANDED_IN, AttemptState.TIMED_OUT, AttemptState.VOIDED}
    return any(is_legal(state, move) for move in _MOVES[key])
