"""The recorded screen: black, frozen, without the exam's page; and all that is none of it."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.screen import Picture, black_screen, dimmed, exam_page, other_page, shown

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState, packed, unpacked
from examhall.incidents.detectors.screen import (
    NONE_EXPECTED,
    ScreenPicture,
    ScreenState,
    ScreenWindow,
    ScreenWords,
    watch_screen,
)
from examhall.incidents.detectors.screen_text import TextReader
from examhall.incidents.detectors.window import Grey
from examhall.incidents.rules.signal import Signal
from examhall.media.container.decode import grey_picture
from examhall.media.container.encode import SCREEN, encode_all

K = IncidentKind
MODELS = Path(os.environ.get("EXAMHALL_MODELS_DIR", Path(__file__).parents[2] / "var" / "models"))
LINES, READING = MODELS / "PP-OCRv6_det_small.onnx", MODELS / "PP-OCRv6_rec_small.onnx"
EXAM = [exam_page(question) for question in (1, 2, 3, 4, 5)]
GOES_ON: tuple[float, ...] = (5.0, 15.0, 25.0, 35.0)
"""Another question between each two of the first five pictures."""


def grey(page: Picture) -> Grey:
    return np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)


def seen(pages: Sequence[Picture], acts_s: Sequence[float] = (), *, apart_s: float = 10.0) -> list[Signal]:
    pictures = tuple(ScreenPicture(place * apart_s, grey(page)) for place, page in enumerate(pages))
    return watch_screen(ScreenState(), ScreenWindow(pictures, tuple(acts_s)))[1]


def spans(signals: Sequence[Signal]) -> list[tuple[K, float, float]]:
    return [(s.kind, s.start_s, s.end_s) for s in signals]


def test_a_black_screen_is_told_between_two_black_pictures() -> None:
    """Issue 3, detectors for the screen track: black; one black picture alone is no stretch."""
    black = black_screen()
    assert spans(seen([EXAM[0], black, black, EXAM[0]])) == [(K.SCREEN_BLOCKED, 10.0, 20.0)]
    assert seen([EXAM[0], black, EXAM[0]]) == []


def test_a_dark_page_is_not_black() -> None:
    """Issue 3; a dark colour scheme is everybody's right."""
    page = black_screen()
    cv2.putText(page, "Question 3 of 8", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (170, 170, 170), 1)
    assert seen([page, page, page]) == []


def test_a_still_screen_alone_says_nothing() -> None:
    """Issue 3, frozen; somebody who reads for minutes has a still screen."""
    assert seen([EXAM[0]] * 30) == []


def test_a_screen_that_stays_the_same_while_the_candidate_goes_on_is_frozen() -> None:
    """Issue 3, detectors for the screen track: frozen."""
    told = seen([EXAM[0]] * 5, [14.0, 26.0])
    assert spans(told) == [(K.SCREEN_BLOCKED, 20.0, 30.0), (K.SCREEN_BLOCKED, 30.0, 40.0)]
    assert {s.note for s in told} == {"frozen"}


@pytest.mark.parametrize("acts_s", [[14.0], [14.0, 16.0], [1.0, 39.0]])
def test_acts_a_picture_may_not_show_do_not_make_it_frozen(acts_s: list[float]) -> None:
    """Issue 3, frozen: one act, there and back again, acts too near to the first or last picture."""
    assert seen([EXAM[0]] * 5, acts_s) == []


def test_what_the_candidate_does_is_seen_on_a_living_screen() -> None:
    """Issue 3, frozen; the refusal beside the success: one word more in each picture is enough."""
    assert seen([exam_page(1, typed=place) for place in range(6)], [4.0, 14.0, 24.0, 34.0]) == []


def test_the_exam_gone_from_the_screen_is_other_content() -> None:
    """product.md §5.5: other content on screen; known after three changes of question."""
    told = seen([*EXAM, other_page(1), other_page(2), EXAM[0]], GOES_ON)
    assert spans(told) == [(K.OTHER_CONTENT, 50.0, 60.0)]


def test_as_long_as_the_exams_page_is_not_known_nothing_is_told() -> None:
    """product.md §5.5; without questions changed nobody knows what belongs to the page."""
    assert seen([EXAM[0]] * 5 + [other_page(1), other_page(2)]) == []


def test_another_question_and_our_own_dialog_are_no_other_content() -> None:
    """product.md §5.6: our own pop-ups do not count."""
    dialog = dimmed(EXAM[4])
    assert seen([*EXAM, dialog, dialog, exam_page(9), exam_page(10)], [*GOES_ON, 72.0]) == []


def test_black_is_told_once_and_not_as_other_content() -> None:
    """Issue 3: one thing is not two incidents."""
    assert {s.kind for s in seen([*EXAM, black_screen(), black_screen()], GOES_ON)} == {K.SCREEN_BLOCKED}


def test_another_colour_scheme_is_learnt_when_the_candidate_goes_on() -> None:
    """R-0.34, fairness: whoever needs other colours is told once at most."""
    dark = [exam_page(question, dark=True) for question in (5, 6, 7, 8, 9)]
    told = seen([*EXAM, *dark], [*GOES_ON, 65.0, 75.0, 85.0])
    assert spans(told) == [(K.OTHER_CONTENT, 50.0, 60.0)]


def test_pictures_far_apart_say_nothing_of_the_time_between() -> None:
    """product.md §8.9: a gap in the recording is a gap."""
    assert seen([black_screen()] * 3, apart_s=60.0) == []


@given(cuts=st.sets(st.integers(1, 9), max_size=4))
def test_however_the_pictures_are_cut_into_windows_the_same_is_told(cuts: set[int]) -> None:
    """design.md §6: state between jobs is small and serialisable, any worker can go on."""
    pages = [*EXAM, other_page(1), other_page(2), black_screen(), black_screen(), EXAM[0]]
    pictures = [ScreenPicture(place * 10.0, grey(page)) for place, page in enumerate(pages)]
    state, told, acts_s = PipelineState(), list[Signal](), GOES_ON
    for from_, to in zip([0, *sorted(cuts)], [*sorted(cuts), 10], strict=True):
        observed = Pipeline({}).observe(unpacked(packed(state)), ScreenWindow(tuple(pictures[from_:to]), acts_s))
        state, acts_s = observed.state, ()
        told += observed.signals
    assert sum(s.end_s - s.start_s for s in told) == sum(s.end_s - s.start_s for s in seen(pages, GOES_ON))
    assert len(packed(state)) < 9_000


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (1081, 1919), (4000, 20)])
def test_pictures_of_any_size_are_looked_at(shape: tuple[int, int]) -> None:
    """Issue 3, bad input: tiny, odd and changing sizes."""
    pictures = (
        ScreenPicture(0.0, grey(EXAM[0])),
        *(ScreenPicture(at_s, np.zeros(shape, np.uint8)) for at_s in (10.0, 20.0)),
    )
    _, told = watch_screen(ScreenState(), ScreenWindow(pictures))
    assert spans(told) == [(K.SCREEN_BLOCKED, 10.0, 20.0)]


def test_a_recorded_screen_stands_still_through_the_encoder_until_one_word_is_typed() -> None:
    """capture.md §1: H.264 at the rate of a real screen; encoding alone is no movement, a word is one."""
    large = [np.asarray(cv2.resize(exam_page(1, typed=typed), (1920, 1080)), np.uint8) for typed in (0, 0, 0, 0, 1)]
    made = encode_all([page for page in large for _ in range(50)], shape=SCREEN)
    keys = [ScreenPicture(m.t_ms / 1000, grey_picture(made[0].content + m.content)) for m in made if m.key]
    frozen = watch_screen(ScreenState(), ScreenWindow(tuple(keys), (14.0, 26.0)))[1]
    assert spans(frozen) == [(K.SCREEN_BLOCKED, 20.0, 30.0)]


@pytest.mark.parametrize(("kept_bytes", "rubbish"), [(0, b""), (8, b""), (200, b"\x17" * 500), (700, b"\x17" * 500)])
def test_a_broken_fragment_is_refused(kept_bytes: int, rubbish: bytes) -> None:
    """Issue 3, bad input: corrupt."""
    init, first, *_ = shown([EXAM[0]])
    whole = init.content + first.content
    with pytest.raises(BadInput):
        grey_picture(whole[:kept_bytes] + rubbish)


class Reads:
    """A reader with prepared answers, one for each picture it is asked about."""

    def __init__(self, *words: frozenset[str]) -> None:
        self.answers = list(words)
        self.asked = 0

    def __call__(self, grey: Grey, words: Collection[str]) -> frozenset[str]:
        self.asked += 1
        return self.answers.pop(0) & frozenset(words)


def read(pages: Sequence[Picture], reader: Reads, words: ScreenWords) -> list[Signal]:
    pictures = tuple(ScreenPicture(place * 10.0, grey(page)) for place, page in enumerate(pages))
    return watch_screen(ScreenState(), ScreenWindow(pictures, words=words), reader)[1]


ONE, NONE = frozenset({"wikipedia"}), frozenset[str]()
LISTED = ScreenWords(listed=("wikipedia",))


def test_a_listed_word_is_told_as_long_as_the_page_stays() -> None:
    """product.md §5.5, issue 3: reading on change; the word of the list is named, no other text is kept."""
    reader = Reads(NONE, ONE, NONE)
    pages = [EXAM[0], EXAM[0], EXAM[0], other_page(), other_page(), EXAM[1], EXAM[1], EXAM[1], EXAM[1]]
    told = read(pages, reader, LISTED)
    assert spans(told) == [(K.OTHER_CONTENT, 30.0, 40.0), (K.OTHER_CONTENT, 40.0, 50.0)]
    assert {(s.note, s.detector, s.score) for s in told} == {("“wikipedia”", "screen_text 1", 0.9)}
    assert reader.asked == 3


def test_words_are_read_after_a_change_and_not_more_often_than_every_half_minute() -> None:
    """detection.md §9: only after a change, and at most every 10 to 30 s."""
    still, changing = Reads(NONE), Reads(*[NONE] * 4)
    assert read([EXAM[0]] * 12, still, LISTED) == read([exam_page(n) for n in range(12)], changing, LISTED) == []
    assert (still.asked, changing.asked) == (1, 4)


def test_a_screen_without_any_expected_word_is_told() -> None:
    """Issue 3: allow-list: one of them is on every page of the exam."""
    told = read([other_page()] * 3, Reads(NONE), ScreenWords(expected=("pharmacology", "hand in")))
    assert [s.note for s in told] == [NONE_EXPECTED] * 2
    assert read([EXAM[0]] * 3, Reads(frozenset({"hand in"})), ScreenWords(expected=("pharmacology", "hand in"))) == []


def test_nothing_is_read_where_no_words_are_listed() -> None:
    """Privacy: off by default."""
    assert read([*EXAM, other_page()], Reads(), ScreenWords()) == []


@pytest.mark.skipif(not (LINES.is_file() and READING.is_file()), reason="the models are not installed")
def test_the_models_read_listed_words_whatever_their_case() -> None:
    """detection.md §2: PP-OCRv6; through the encoder of a real screen."""
    page = np.full((1080, 1920, 3), 245, np.uint8)
    for row, text in enumerate(("Ask ChatGPT anything", "The loop of Henle", "Pharmacology II")):
        cv2.putText(page, text, (200, 200 + 200 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (30, 30, 30), 2)
    init, first, *_ = encode_all([page] * 10, shape=SCREEN)
    reader = TextReader(LINES.read_bytes(), READING.read_bytes())
    words = {"chatgpt", "Loop of Henle", "Wikipedia"}
    assert reader.found(grey_picture(init.content + first.content), words) == {"chatgpt", "Loop of Henle"}
    assert reader.found(np.full((1, 1), 200, np.uint8), words) == frozenset()
