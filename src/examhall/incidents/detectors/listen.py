"""The cascade over the microphone's sound: half seconds, each asked for voice, level and silence."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.detectors import sound, speech
from examhall.incidents.detectors.sound import Loudness
from examhall.incidents.detectors.speech import VoiceFinder
from examhall.incidents.detectors.window import SAMPLE_RATE, STEP_S, AudioWindow, Samples
from examhall.incidents.rules.signal import Signal

GAP_S = 0.3
"""A larger jump between windows begins afresh."""
QUIET_DB = 4.0
"""A half second whose loudest tenth stays this near the room's own noise holds no voice: the model is not asked."""
HINT = 0.2
"""While nobody speaks the model hears the later half of each half second, and all of it when that sounds so much like
voice: what begins is found in time, and the end of what was said is heard in full anyway."""
LOUDER_FROM_DB = 12.0
"""The strictest level of `background_audio`: less is not told."""
_FULL = 32767.0


@dataclass(frozen=True, slots=True)
class ListenState:
    """What is remembered of one attempt's sound between windows; samples as 16 bit, to stay small."""

    next_s: float | None = None
    """Where the next half second begins."""
    left: bytes = b""
    """int16 samples of an unfinished half second."""
    voice_left: bytes = b""
    """int16 samples of an unfinished frame of the voice model."""
    memory: bytes = b""
    context: bytes = b""
    speaking: bool = False
    """Whether the half second before was voice."""
    levels: tuple[float, ...] = ()
    """dB of full scale of the half seconds of the last two minutes."""


def listen(state: ListenState, window: AudioWindow, finder: VoiceFinder | None) -> tuple[ListenState, list[Signal]]:
    """Hear each half second in order. finder: None when the voice model is absent; levels are judged all the same."""
    state, samples = _continued(state, window)
    signals: list[Signal] = []
    whole = len(samples) // sound.HALF_SECOND * sound.HALF_SECOND
    for place in range(0, whole, sound.HALF_SECOND):
        state, told = _half_second(state, samples[place : place + sound.HALF_SECOND], finder)
        signals += told
    return replace(state, left=_packed(samples[whole:])), signals


def _continued(state: ListenState, window: AudioWindow) -> tuple[ListenState, Samples]:
    """Join on to what was left over, unless there is a gap."""
    left = _unpacked(state.left)
    expected_s = None if state.next_s is None else state.next_s + len(left) / SAMPLE_RATE
    if expected_s is not None and abs(window.start_s - expected_s) <= GAP_S:
        return state, np.concatenate([left, window.samples])
    fresh = ListenState(next_s=window.start_s, levels=state.levels)
    late_s = 0.0 if expected_s is None else expected_s - window.start_s
    if late_s <= 0:
        return fresh, window.samples
    return replace(fresh, next_s=expected_s), window.samples[round(late_s * SAMPLE_RATE) :]


def _half_second(state: ListenState, samples: Samples, finder: VoiceFinder | None) -> tuple[ListenState, list[Signal]]:
    at_s = state.next_s or 0.0
    loud = sound.loudness(samples)
    floor = sound.floor_dbfs(state.levels)
    if floor is not None and loud.peak < floor + QUIET_DB and not state.speaking:
        voice = (False, 0.0)
        state = replace(state, voice_left=b"", context=b"")
    else:
        state, voice = _voice(state, samples, finder)
    levels = (*state.levels, round(loud.steady, 1))[-int(sound.FLOOR_S / STEP_S) :]
    state = replace(state, next_s=round(at_s + STEP_S, 6), levels=levels, speaking=voice[0])
    return state, list(_told(at_s, voice, samples, loud, floor))


def _told(
    at_s: float, voice: tuple[bool, float], samples: Samples, loud: Loudness, floor: float | None
) -> Iterator[Signal]:
    """Voice is told as speech only: one sound is not two incidents.

    A machine's even noise, and what only a quieter room would hear, are recorded and no incident.
    """
    lasting = floor is not None and loud.lasting
    louder_db = loud.steady - floor if floor is not None and lasting else 0.0
    quiet_room_db = floor - sound.FLOOR_AT_LEAST_DBFS if floor is not None and lasting else 0.0
    end_s = at_s + STEP_S
    if sound.digitally_silent(samples):
        yield Signal(IncidentKind.MIC_MUTED, at_s, end_s, 1.0, 0.9, detector=sound.CARD.mark)
    elif voice[0]:
        yield Signal(IncidentKind.SPEECH, at_s, end_s, 1.0, round(voice[1], 2), detector=speech.CARD.mark)
    elif louder_db >= LOUDER_FROM_DB:
        score = round(min(0.95, 0.4 + louder_db / 60), 2)
        kind = IncidentKind.BACKGROUND_AUDIO
        reason = Suppression.NOISE_FLOOR if loud.even else None
        yield Signal(kind, at_s, end_s, round(louder_db, 1), score, suppressed=reason, detector=sound.CARD.mark)
    elif quiet_room_db >= LOUDER_FROM_DB and louder_db > -LOUDER_FROM_DB:
        value = round(louder_db + quiet_room_db, 1)
        kind, mark = IncidentKind.BACKGROUND_AUDIO, sound.CARD.mark
        yield Signal(kind, at_s, end_s, value, suppressed=Suppression.NOISE_FLOOR, detector=mark)


def _voice(state: ListenState, samples: Samples, finder: VoiceFinder | None) -> tuple[ListenState, tuple[bool, float]]:
    if finder is None:
        return state, (False, 0.0)
    memory, context = finder.blank()
    if state.memory:
        memory = np.frombuffer(state.memory, np.float32).reshape(memory.shape)
        context = _unpacked(state.context) if state.context else context
    fed = np.concatenate([_unpacked(state.voice_left), samples])
    frames = len(fed) // speech.FRAME
    later = 0 if state.speaking else frames // 2 * speech.FRAME
    before = fed[later - speech.CONTEXT : later] if later else context
    found, heard, tail = finder.probabilities(fed[later:], memory, before)
    if later and max(found) >= HINT:
        found, heard, tail = finder.probabilities(fed, memory, context)
    rest = fed[frames * speech.FRAME :]
    kept = replace(state, voice_left=_packed(rest), memory=heard.tobytes(), context=_packed(tail))
    return kept, speech.voiced(found)


def _packed(samples: Samples) -> bytes:
    return np.clip(np.round(samples * _FULL), -_FULL, _FULL).astype(np.int16).tobytes()


def _unpacked(raw: bytes) -> Samples:
    return np.frombuffer(raw, np.int16).astype(np.float32) / np.float32(_FULL)
