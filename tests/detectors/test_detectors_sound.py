"""Detectors of the sound that need no model, on sound made here."""

import numpy as np
import pytest

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.detectors.listen import ListenState, listen
from examhall.incidents.detectors.window import SAMPLE_RATE, AudioWindow, Samples
from examhall.incidents.rules.signal import Signal

RNG = np.random.default_rng(3)
K = IncidentKind


def noise(length_s: float, dbfs: float) -> Samples:
    return (RNG.normal(0, 10 ** (dbfs / 20), int(length_s * SAMPLE_RATE))).astype(np.float32)


def uneven(length_s: float, dbfs: float) -> Samples:
    """Louder and less loud by turns, six times a second, as voices and music are."""
    swing = 0.1 + np.abs(np.sin(np.arange(int(length_s * SAMPLE_RATE)) * 6 * np.pi / SAMPLE_RATE))
    return (noise(length_s, dbfs) * swing).astype(np.float32)


def heard(samples: Samples, *, cut_s: float = 1.7, start_s: float = 0.0) -> list[Signal]:
    """Hand the sound over in uneven windows, as segments arrive."""
    state, out, step = ListenState(), [], int(cut_s * SAMPLE_RATE)
    for place in range(0, len(samples), step):
        window = AudioWindow(start_s + place / SAMPLE_RATE, samples[place : place + step])
        state, signals = listen(state, window, None)
        out += signals
    return out


def test_a_lasting_sound_over_the_room_s_own_noise_is_told_with_its_level() -> None:
    """product.md §5.6: background_audio in dB over the noise floor."""
    samples = np.concatenate([noise(20, -55), uneven(4, -20), noise(5, -55)])
    signals = heard(samples)
    assert {(s.kind, s.suppressed) for s in signals} == {(K.BACKGROUND_AUDIO, None)}
    assert (signals[0].start_s, signals[-1].end_s) == (20.0, 24.0)
    assert 22 < max(s.value for s in signals) < 28


def test_a_fan_that_is_switched_on_is_no_incident_nor_is_typing_over_it() -> None:
    """product.md §5.6: noise floor; what is even is a machine, whatever its level."""
    samples = np.concatenate([noise(20, -55), noise(12, -36), noise(5, -55)])
    for stroke_s in np.arange(25, 31, 0.2):
        samples[int(stroke_s * SAMPLE_RATE) :][:640] += noise(0.04, -22)
    signals = heard(samples)
    assert {(s.kind, s.suppressed) for s in signals} == {(K.BACKGROUND_AUDIO, Suppression.NOISE_FLOOR)}


def test_typing_is_removed_before_the_level_is_measured() -> None:
    """R-2.23, product.md §5.6: clicks below 80 ms are no background audio."""
    samples = noise(30, -58)
    for stroke_s in np.arange(10, 28, 0.16):
        at = int(stroke_s * SAMPLE_RATE)
        samples[at : at + 640] += noise(0.04, -22)
    assert heard(samples) == []


def test_a_room_that_is_loud_throughout_is_its_own_floor() -> None:
    """product.md §5.6: above the own noise floor, not above a fixed level; what that suppresses leaves a record."""
    signals = heard(noise(30, -25))
    assert {(s.kind, s.suppressed) for s in signals} == {(K.BACKGROUND_AUDIO, Suppression.NOISE_FLOOR)}
    assert signals[0].value > 30


def test_a_microphone_that_hears_nothing_at_all_is_told() -> None:
    """product.md §5.5: mic_muted: digital silence."""
    signals = heard(np.concatenate([noise(5, -55), np.zeros(5 * SAMPLE_RATE, np.float32)]))
    assert ({s.kind for s in signals}, signals[0].start_s, signals[-1].end_s) == ({K.MIC_MUTED}, 5.0, 10.0)


@pytest.mark.parametrize("cut_s", [0.13, 0.5, 2.0, 30.0])
def test_however_the_sound_is_cut_into_windows_the_signals_are_the_same(cut_s: float) -> None:
    """Issue 2 §5: whole files and live segments go through the same code."""
    samples = (np.round(np.concatenate([noise(20, -55), noise(4, -30)]) * 32767) / 32767).astype(np.float32)
    assert heard(samples, cut_s=cut_s) == heard(samples, cut_s=1.0)


def test_after_a_gap_hearing_begins_afresh_at_the_new_time() -> None:
    """product.md §2.2: a gap is a gap; nothing is invented for it."""
    state, _ = listen(ListenState(), AudioWindow(0.0, noise(2.2, -55)), None)
    state, signals = listen(state, AudioWindow(60.0, np.zeros(SAMPLE_RATE, np.float32)), None)
    assert [s.start_s for s in signals] == [60.0, 60.5]
