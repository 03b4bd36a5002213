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


@dataclass(frozen=True, slots=True)
class Shown:
    """`name` stands on buttons, `verb` on the dialog's own. `sure`: what has to be ticked before a grave act."""

    key: ActKey
    name: str
    icon: str
    title: str
    says: str = ""
    verb: str = ""
    reason: bool = True
    minutes: bool = False
    body: bool = False
    grave: bool = False
    sure: str = ""

    @property
    def word(self) -> str:
        return f"{self.name}…"


_HIDDEN = "The exam is hidden and its clock stands still until you resume it."
_RUNS_ON = "The clock runs on; the paused time is given back as far as the final deadline allows."
_GOES_ON = "A stopped exam goes on with the time that is left. One whose time ran out needs minutes: enter them."
_COUNTS = "What was saved counts. The candidate gets a receipt and cannot go on."
_KEPT = "Saved answers are kept, and you can let the candidate back in. The clock runs on."

_K = ActKey
_SHOWN = (
    Shown(_K.TIME, "Extra time", "clock-plus", "Give extra time?", verb="Give extra time", minutes=True),
    Shown(_K.PAUSE, "Pause", "circle-pause", "Pause the exam?", _HIDDEN, "Pause"),
    Shown(_K.RESUME, "Resume", "circle-play", "Resume the exam?", _RUNS_ON, "Resume"),
    Shown(_K.MESSAGE, "Message", "message-circle", "Write a message", "", "Send message", reason=False, body=True),
    Shown(_K.REOPEN, "Reopen", "rotate-ccw", "Let the candidate go on?", _GOES_ON, "Reopen", minutes=True),
    Shown(
        _K.HAND_IN,
        "Hand in",
        "circle-check-big",
        "Hand in for the candidate?",
        _COUNTS,
        "Hand in",
        reason=False,
        grave=True,
        sure="I want to end this exam",
    ),
    Shown(
        _K.STOP,
        "Stop",
        "octagon-x",
        "Stop the exam?",
        _KEPT,
        "Stop the exam",
        grave=True,
        sure="I want to stop this exam",
    ),
)
ACTS: Mapping[ActKey, Shown] = {act.key: act for act in _SHOWN}

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
