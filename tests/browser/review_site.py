# ruff: noqa: E402 - Django must be set up before anything of it is imported
"""One recorded, analysed session for the browser tests of the review pages.

`python -m tests.browser.review_site`: builds everything by the product's own actions on the site that
`EXAMHALL_VAR_DIR` names and prints addresses and logins. The camera is covered from second 12 to second 30.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examhall.site.settings_django")

import django

django.setup()

import msgspec
import numpy as np
from numpy.typing import NDArray
from tests.fixtures.recording import black_picture, room_picture
from tests.fixtures.sitting import leave, open_exam, reviewer, seat, told

from examhall.base import clock as clocks
from examhall.base.clock import SetClock, SystemClock
from examhall.base.words import EntryKind, Track
from examhall.base.writer import perform
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.actions.proctoring import activate_proctoring
from examhall.incidents.jobs.analyse import analyse
from examhall.incidents.reads.analysis import analysis_of
from examhall.media.actions.recording import TOLD_WITHIN, close_recording
from examhall.media.actions.segment import KEEP_SEGMENT
from examhall.media.container.boxes import Times
from examhall.media.container.encode import Encoder, Made, Shape
from examhall.media.container.segment import Piece
from examhall.people.actions.people import set_password, set_up
from examhall.people.rules.actor import SYSTEM

PASSWORD = "a long enough password"
LENGTH_S = 45
WEBCAM = Shape(640, 480, fps=8, kbit_s=300, sound=False)
SCREEN = Shape(960, 540, fps=2, kbit_s=150, fragment_s=2, key_every_s=4, sound=False)
COVERED_S = range(12, 30)
AWAY_S = (34, 41)

Picture = NDArray[np.uint8]


def drawn() -> Iterator[Picture]:
    for frame in range(LENGTH_S * WEBCAM.fps):
        covered = frame // WEBCAM.fps in COVERED_S
        yield black_picture(width=640, height=480) if covered else room_picture(frame // 4, width=640, height=480)


def screen_pictures() -> Iterator[Picture]:
    """A page with a bar that grows, so that one can see the screen move."""
    for frame in range(LENGTH_S * SCREEN.fps):
        picture = np.full((540, 960, 3), 246, np.uint8)
        picture[:48] = (18, 48, 62)
        picture[90:120, 80 : 80 + 8 * frame] = (20, 120, 150)
        for row in range(5):
            picture[180 + row * 60 : 210 + row * 60, 80:880] = (220, 228, 232)
        yield picture


def made(shape: Shape, pictures: Iterator[Picture]) -> list[tuple[Made, str]]:
    encoder = Encoder(shape)
    pieces = [encoder.init()]
    for picture in pictures:
        pieces += encoder.add(picture)
    pieces += encoder.finish()
    return [(piece, encoder.codecs if piece.number == 0 else "") for piece in pieces]


def store(attempt: AttemptRef, track: Track, pieces: list[tuple[Made, str]]) -> None:
    perform(
        KEEP_SEGMENT,
        [
            Piece(
                attempt=attempt.id,
                stream=attempt.stream,
                track=track,
                epoch=1,
                seq=piece.number,
                content=piece.content,
                sha256=hashlib.sha256(piece.content).digest(),
                times=Times(piece.t_ms, piece.d_ms, piece.key),
                codecs=codecs,
            )
            for piece, codecs in pieces
        ],
    )


def main() -> None:
    root = set_up()
    activate_proctoring(legal_basis="A test records nobody.", contact="tests@example.org", by=SYSTEM)
    clock = SetClock(SystemClock().now() - timedelta(seconds=LENGTH_S + 30))
    clocks.use(clock)
    exam = open_exam(root)
    sitting = seat(exam)
    seat(exam, login="zeynep", name="Siân Ó Dónaill")
    henrik = reviewer(root)
    assert henrik.user_id is not None
    store(sitting, Track.WEBCAM, made(WEBCAM, drawn()))
    store(sitting, Track.SCREEN, made(SCREEN, screen_pictures()))
    clock.forward(s=AWAY_S[0])
    told(sitting.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=AWAY_S[1] - AWAY_S[0])
    told(sitting.stream, EntryKind.FOCUS_REGAINED)
    told(sitting.stream, EntryKind.CLIPBOARD_USED, act="paste", chars=240, outside=True)
    clock.forward(s=LENGTH_S - AWAY_S[1])
    ended = leave(sitting)
    clock.forward(s=TOLD_WITHIN.total_seconds())
    close_recording(ended.id)
    while analysis_of(ended.id).finished_at is None:
        analyse(str(ended.id))
    set_password(henrik.user_id, password=PASSWORD)
    clocks.use(SystemClock())
    told_out = {
        "login": "henrik",
        "password": PASSWORD,
        "session": f"/review/sessions/{ended.id}/",
        "sessions": f"/review/schedules/{exam.schedule}/",
    }
    sys.stdout.write(msgspec.json.encode(told_out).decode())


if __name__ == "__main__":
    main()
