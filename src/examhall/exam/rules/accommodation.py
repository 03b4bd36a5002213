"""What each accommodation changes: detections that are off, and locks that are weaker; it may only relax (§5.8).

Why somebody has one is kept nowhere. Extra time is `timing.accommodated`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import Accommodation, IncidentKind
from examhall.exam.rules.policy import Clipboard, FullScreen, Policy, TabRule

_A, _K = Accommodation, IncidentKind


@dataclass(frozen=True, slots=True)
class Effect:
    """One accommodation as pages tell it."""

    name: str
    """For whoever arranges it."""
    told: str
    """For whoever watches or reviews: what is different, never why."""
    off: frozenset[IncidentKind] = frozenset()


ACCOMMODATIONS: Mapping[Accommodation, Effect] = {
    _A.COMPANION: Effect(
        "A companion, reader or interpreter sits with the candidate", "second person allowed", frozenset({_K.SPEECH})
    ),
    _A.READING_ALOUD: Effect("The candidate may speak or read aloud", "speech allowed", frozenset({_K.SPEECH})),
    _A.COVERED_FACE: Effect(
        "The face may be covered",
        "face not analysed",
        frozenset({_K.LEFT_SESSION, _K.HEAD_TURN, _K.GAZE_OFF, _K.IDENTITY_CHANGE}),
    ),
    _A.FREE_HEAD: Effect(
        "Head and eyes may move freely", "head pose not analysed", frozenset({_K.HEAD_TURN, _K.GAZE_OFF})
    ),
    _A.ASSISTIVE_TECHNOLOGY: Effect(
        "Assistive technology: right click, clipboard and its keys are free",
        "assistive technology allowed",
        frozenset({_K.RIGHT_CLICK, _K.COPY_PASTE, _K.KEY_COMBO}),
    ),
    _A.SECOND_DISPLAY: Effect("A second display is allowed", "second display allowed", frozenset({_K.EXTRA_DISPLAY})),
    _A.PAPER_NOTES: Effect("Paper on the desk is allowed", "paper on the desk allowed"),
    _A.SOUNDS: Effect(
        "Sounds of the body, an aid or a device are allowed, and so is silence",
        "sound not analysed",
        frozenset({_K.SPEECH, _K.BACKGROUND_AUDIO, _K.MIC_MUTED}),
    ),
    _A.OTHERS_PRESENT: Effect(
        "Others may be in the room: carers, a shared ward, an assistance dog",
        "people and motion behind not analysed",
        frozenset({_K.MULTI_FACE, _K.BACKGROUND_MOTION}),
    ),
    _A.HEALTH_DEVICE: Effect(
        "A device needed for health may be in view, also a phone",
        "device in view allowed",
        frozenset({_K.OBJECT_PHONE}),
    ),
    _A.RELAXED_FRAMING: Effect(
        "The camera need not show the face, nor anything at all times: a covered picture is not marked",
        "camera framing relaxed",
        frozenset({_K.LEFT_SESSION, _K.HEAD_TURN, _K.GAZE_OFF, _K.CAMERA_BLOCKED}),
    ),
    _A.OWN_WINDOWS: Effect(
        "Magnifier, screen reader or other aids may take the screen: full screen is not asked for",
        "own windows allowed",
        frozenset(
            {
                _K.NAVIGATING_AWAY,
                _K.LEFT_FULL_SCREEN,
                _K.BROWSER_RESIZE,
                _K.INSPECTOR,
                _K.SCREEN_BLOCKED,
                _K.OTHER_CONTENT,
            }
        ),
    ),
}


def known(words: Iterable[str]) -> tuple[Accommodation, ...]:
    """`words` without doubles, in the order of the list. Raises BadInput naming the word there is not."""
    asked = set(words)
    if unknown := sorted(asked - set(Accommodation)):
        raise BadInput(
            f"There is no accommodation called {unknown[0]}.",
            fields={"accommodations": f"Use {', '.join(Accommodation)}."},
        )
    return tuple(word for word in Accommodation if word in asked)


def detections_off(words: Collection[Accommodation]) -> frozenset[IncidentKind]:
    return frozenset(kind for word in words for kind in ACCOMMODATIONS[word].off)


def expected_people(words: Collection[Accommodation]) -> int:
    return 2 if _A.COMPANION in words else 1


def relaxed(policy: Policy, words: Collection[Accommodation]) -> Policy:
    """The policy with what this candidate is spared (R-0.36: assistive technology keeps its right click)."""
    lock = policy.lock
    if _A.ASSISTIVE_TECHNOLOGY in words:
        lock = msgspec.structs.replace(lock, right_click=False, clipboard=Clipboard.ALLOWED)
    if _A.SECOND_DISPLAY in words:
        lock = msgspec.structs.replace(lock, one_screen=False)
    if _A.OWN_WINDOWS in words:
        lock = msgspec.structs.replace(lock, full_screen=FullScreen.OFF, tabs=TabRule.ALLOWED)
    allow = policy.allow
    if _A.PAPER_NOTES in words:
        allow = msgspec.structs.replace(allow, paper=True)
    return msgspec.structs.replace(policy, lock=lock, allow=allow)


def told_of(words: Collection[Accommodation]) -> str:
    """The effects in a line, for whoever watches."""
    return ", ".join(ACCOMMODATIONS[word].told for word in words).capitalize()
