"""All detectors of webcam, microphone and screen behind one verb: windows in, signals out, a small state between.

The same pipeline serves whole files and the segments of a running exam. Model bytes are handed in; where they come
from is the store's affair. One pipeline may serve many attempts, one after another: what belongs to an attempt is
in its state.
"""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache

import cv2
import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind, LookAt
from examhall.incidents.detectors import (
    calibration,
    camera,
    faces,
    identity,
    motion,
    objects,
    pose,
    screen,
    screen_text,
    sound,
    speech,
)
from examhall.incidents.detectors.baseline import taught
from examhall.incidents.detectors.body import BodyFinder
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.faces import FaceFinder
from examhall.incidents.detectors.identity_look import FaceReader
from examhall.incidents.detectors.listen import ListenState, listen
from examhall.incidents.detectors.mesh import FaceMesh
from examhall.incidents.detectors.objects import ObjectEyes, ObjectFinder, PackagedFinder
from examhall.incidents.detectors.own import OwnFinder, OwnRefused
from examhall.incidents.detectors.screen import Reader, ScreenState, ScreenWindow, watch_screen
from examhall.incidents.detectors.screen_text import TextReader
from examhall.incidents.detectors.speech import VoiceFinder
from examhall.incidents.detectors.watch import watch
from examhall.incidents.detectors.watch_state import Eyes, WatchState
from examhall.incidents.detectors.window import STEP_S, AudioWindow, Frame, VideoWindow
from examhall.incidents.rules.signal import Signal

CARDS: tuple[Card, ...] = (
    camera.CARD,
    faces.CARD,
    pose.CARD,
    motion.CARD,
    objects.PHONE_CARD,
    objects.BOOK_CARD,
    identity.CARD,
    speech.CARD,
    sound.CARD,
    screen.CARD,
    screen_text.CARD,
)
SOUND_KINDS: frozenset[IncidentKind] = speech.CARD.kinds | sound.CARD.kinds
SCREEN_KINDS = screen.CARD.kinds
PICTURE_KINDS: frozenset[IncidentKind] = (
    frozenset(kind for card in CARDS for kind in card.kinds) - SOUND_KINDS - SCREEN_KINDS
)

OBJECT_KINDS = objects.PHONE_CARD.kinds | objects.BOOK_CARD.kinds
FACED_KINDS = PICTURE_KINDS - camera.CARD.kinds
"""What the cascade behind the camera's own statistics sees."""

cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True)
class PipelineState:
    """Between two windows of one attempt; up to 90 kB when packed."""

    watch: WatchState = field(default_factory=WatchState)
    listen: ListenState = field(default_factory=ListenState)
    screen: ScreenState = field(default_factory=ScreenState)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one window said."""

    state: PipelineState
    signals: tuple[Signal, ...]
    kinds: frozenset[IncidentKind]
    """The kinds this window could speak of; for `Batch.kinds`."""
    until_s: float
    """How far these kinds are known now; for `Batch.until_s`."""


class Pipeline:
    """Loaded models; build once per process, it costs about half a second and 150 MB.

    models: file contents by the names of `weights/models.toml`. Detectors whose models are missing stay off.
    """

    def __init__(
        self,
        models: Mapping[str, bytes],
        *,
        wanted: Collection[IncidentKind] | None = None,
        altered: Collection[str] = (),
        own: OwnFinder | OwnRefused | None = None,
    ) -> None:
        """wanted: kinds some rule asks for (None: all); a detector nobody asks for is not run.

        altered: models that are there and are not what they should be; they are not in `models`.
        own: the operator's own object detector; it takes the place of the packaged one for its kinds. One that cannot
        be used leaves all objects unseen: nobody is to be judged by another model than the site chose.
        """
        asked = frozenset(IncidentKind) if wanted is None else frozenset(wanted)
        self.models = frozenset(models)
        """Names of the models it was built with."""
        self.own = own.spec if isinstance(own, OwnFinder) else None
        """The paper of the operator's own detector."""
        missing = {card.name: [name for name in card.models if name not in models] for card in CARDS}
        self.off: Mapping[IncidentKind, str] = _unseen(missing, altered, own)
        """Kinds that cannot be seen, and why."""
        self._eyes = None
        if not missing[faces.CARD.name]:
            finders = _finders(models, own, asked & (OBJECT_KINDS - set(self.off)))
            who_wanted = IncidentKind.IDENTITY_CHANGE in asked and not missing[identity.CARD.name]
            self._eyes = _eyes(models, finders, who_wanted=who_wanted)
        hearing = IncidentKind.SPEECH in asked and not missing[speech.CARD.name]
        self._voice = VoiceFinder(models["voice"]) if hearing else None
        self.watches_screen = not SCREEN_KINDS.isdisjoint(asked)
        reading = IncidentKind.OTHER_CONTENT in asked and not missing[screen_text.CARD.name]
        self._reader = _lazy_reader(models["text_lines"], models["text_reading"]) if reading else None
        self.unread = _lack(missing[screen_text.CARD.name][0], altered) if missing[screen_text.CARD.name] else ""
        """Why no words can be read on the screen; empty where they can."""

    def only(self, wanted: Collection[IncidentKind]) -> "Pipeline":
        """The same loaded models for one session: what is not wanted there is not run."""
        narrowed = copy(self)
        if self._eyes is not None:
            things = self._eyes.objects
            if things is not None:
                sought = things.wanted.intersection(wanted)
                finders = tuple(one for one in things.finders if not sought.isdisjoint(one.cards))
                things = ObjectEyes(finders, sought) if finders else None
            reader = self._eyes.reader if IncidentKind.IDENTITY_CHANGE in wanted else None
            seeing = not FACED_KINDS.isdisjoint(wanted)
            narrowed._eyes = replace(self._eyes, objects=things, reader=reader) if seeing else None
        narrowed._voice = self._voice if IncidentKind.SPEECH in wanted else None
        narrowed.watches_screen = not SCREEN_KINDS.isdisjoint(wanted)
        return narrowed

    def begun(self, pictures: Mapping[LookAt, Frame], *, since: str) -> tuple[PipelineState, tuple[str, ...]]:
        """The state in which an exam starts whose candidate was pictured at the system check, and what these lack."""
        if self._eyes is None:
            return PipelineState(), ()
        found = taught(pictures, self._eyes, since=since)
        return PipelineState(watch=found.state), found.lacks

    def observe(self, state: PipelineState, window: VideoWindow | AudioWindow | ScreenWindow) -> Observation:
        """Windows of one track come in order of time; pictures and sound may come apart from each other."""
        if isinstance(window, VideoWindow):
            watched, signals = watch(state.watch, window, self._eyes)
            after = replace(state, watch=watched)
            until_s = window.times_s[-1] + STEP_S if window.times_s else state.watch.last_s
            return Observation(after, joined(signals), PICTURE_KINDS - set(self.off), until_s)
        if isinstance(window, ScreenWindow):
            shown, signals = watch_screen(state.screen, window, self._reader)
            return Observation(replace(state, screen=shown), joined(signals), SCREEN_KINDS, shown.at_s or 0.0)
        heard, signals = listen(state.listen, window, self._voice)
        after = replace(state, listen=heard)
        return Observation(after, joined(signals), SOUND_KINDS - set(self.off), heard.next_s or 0.0)


def _lack(model: str, altered: Collection[str]) -> str:
    return f"the model {model} is {'not the expected file' if model in altered else 'not installed'}"


def _lazy_reader(lines: bytes, reading: bytes) -> Reader:
    """Loaded when the first exam lists words: few do, and it takes 75 MB, 300 MB while it reads."""
    loaded = cache(lambda: TextReader(lines, reading))
    return lambda grey, words: loaded().found(grey, words)


def _unseen(
    missing: Mapping[str, Sequence[str]], altered: Collection[str], own: OwnFinder | OwnRefused | None
) -> dict[IncidentKind, str]:
    """missing: the models that each card lacks. Without faces, what the cascade does behind them is not seen either."""
    served = own.spec.kinds if isinstance(own, OwnFinder) else frozenset()
    off = {
        kind: _lack(missing[card.name][0], altered)
        for card in CARDS
        for kind in sorted(card.kinds - served)
        if missing[card.name]
    }
    if isinstance(own, OwnRefused):
        off |= dict.fromkeys(sorted(OBJECT_KINDS), f"the own detector: {own.message}")
    if missing[faces.CARD.name]:
        behind = (*sorted(OBJECT_KINDS), IncidentKind.IDENTITY_CHANGE)
        off = dict.fromkeys(behind, off[IncidentKind.LEFT_SESSION]) | off
    return off


def _finders(
    models: Mapping[str, bytes], own: OwnFinder | OwnRefused | None, wanted: frozenset[IncidentKind]
) -> ObjectEyes | None:
    """One look for all kinds of a model; the operator's own first."""
    finders: list[ObjectFinder] = []
    left = wanted
    if isinstance(own, OwnFinder) and not wanted.isdisjoint(own.cards):
        finders, left = [own], wanted.difference(own.cards)
    if left:
        finders.append(PackagedFinder(models["objects"], left))
    return ObjectEyes(tuple(finders), wanted) if finders else None


def _eyes(models: Mapping[str, bytes], things: ObjectEyes | None, *, who_wanted: bool) -> Eyes:
    return Eyes(
        FaceFinder(models["yunet"]),
        FaceMesh(models["face_landmarks"]),
        BodyFinder(models["person"]),
        things,
        FaceReader(models["identity"]) if who_wanted else None,
    )


def joined(signals: list[Signal]) -> tuple[Signal, ...]:
    """Neighbouring signals that differ only in time become one: fewer rows for the same statement."""
    out: list[Signal] = []
    place: dict[IncidentKind, int] = {}
    for signal in signals:
        before = out[place[signal.kind]] if signal.kind in place else None
        if before is not None and _goes_on(before, signal):
            out[place[signal.kind]] = replace(before, end_s=signal.end_s)
        else:
            place[signal.kind] = len(out)
            out.append(signal)
    return tuple(out)


def _goes_on(before: Signal, signal: Signal) -> bool:
    same = replace(before, start_s=signal.start_s, end_s=signal.end_s) == signal
    return same and abs(before.end_s - signal.start_s) < 1e-6


def standing_for_two(seen: Observation) -> Observation:
    """The same of a window with every second frame left out: each frame speaks for the one behind it as well."""
    signals = joined([replace(signal, end_s=signal.end_s + STEP_S) for signal in seen.signals])
    return replace(seen, signals=signals, until_s=seen.until_s + STEP_S)


def seen_share(state: PipelineState) -> float | None:
    """In how much of the calibration the face was found; None while that is not known."""
    return calibration.seen_share(state.watch.calibration, state.watch.last_s)


def packed(state: PipelineState) -> bytes:
    """The state as bytes, for the job that goes on."""
    return msgspec.msgpack.encode(state)


def unpacked(raw: bytes) -> PipelineState:
    """Raises BadInput if `raw` was packed by another version: begin the analysis of this attempt again."""
    try:
        return msgspec.msgpack.decode(raw, type=PipelineState)
    except msgspec.MsgspecError as error:
        raise BadInput("The stored state of the analysis cannot be read; analyse the recording again.") from error
