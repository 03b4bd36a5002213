"""Closing a recording: every moment accounted for, what is missing named, and late uploads taken in."""

from datetime import timedelta
from uuid import uuid4

import pytest

from examhall.base import clock as clocks
from examhall.base.clock import SetClock
from examhall.base.words import EntryKind, GapCause, SessionState, Track
from examhall.exam.actions.intervention import pause, resume
from examhall.journal.reads import entries_after
from examhall.media.actions.recording import (
    TOLD_WITHIN,
    ClaimedStretch,
    MadeEpoch,
    close_recording,
    note_manifest,
    recording_analysed,
)
from examhall.media.container.gaps import Gap
from examhall.media.jobs.recording import close_recording_of, sweep
from examhall.media.models import Segment, Session
from examhall.media.reads.recording import coverage
from examhall.media.reads.verify import verify_segments
from examhall.media.store.disk import DiskReels
from tests.media import clips
from tests.media.sitting import Sitting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _begun(sitting: Sitting) -> None:
    """The clock of the attempt runs from its zero."""
    sitting.begin()


def gaps(sitting: Sitting, track: Track = Track.WEBCAM) -> list[Gap]:
    return coverage(sitting.attempt).gaps.get(track, [])


def test_a_whole_recording_closes_without_a_gap(sitting: Sitting, clock: SetClock) -> None:
    """design.md §5: recorded time that is neither media nor a gap row: 0."""
    sitting.keep(*clips.webcam(6))
    sitting.keep(*clips.screen(6), track=Track.SCREEN)
    clock.forward(s=6)
    sitting.hand_in()
    clock.forward(s=TOLD_WITHIN.total_seconds())
    close_recording_of(str(sitting.stream))
    assert (gaps(sitting), gaps(sitting, Track.SCREEN)) == ([], [])
    assert coverage(sitting.attempt).state is SessionState.ANALYSING


def test_a_recording_of_a_running_attempt_is_not_closed(sitting: Sitting) -> None:
    """product.md §2.8: recording → closing when the attempt is terminal."""
    sitting.keep(*clips.webcam())
    assert close_recording(sitting.attempt) is SessionState.RECORDING
    assert coverage(sitting.attempt).closed_at is None


def test_each_hole_has_one_gap_with_its_cause(sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.2: every uncovered interval has exactly one gap row, journalled once."""
    init, *made = clips.webcam(6)
    sitting.keep(init, made[0], made[1], made[4], made[5])
    clock.forward(s=10)
    sitting.hand_in()
    note_manifest(
        sitting.attempt,
        made=[MadeEpoch(Track.WEBCAM, 1, 6, True)],
        gaps=[ClaimedStretch(Track.WEBCAM, 6_000, 8_000, GapCause.DEVICE_LOST)],
    )
    close_recording(sitting.attempt)
    close_recording(sitting.attempt)
    assert gaps(sitting) == [
        Gap(2_000, 4_000, GapCause.PENDING_UPLOAD),
        Gap(6_000, 8_000, GapCause.DEVICE_LOST),
        Gap(8_000, 10_000, GapCause.UNKNOWN),
    ]
    lines = [line.extra for line in entries_after(sitting.stream, 0) if line.kind is EntryKind.TRACK_GAP]
    assert [(line["from_ms"], line["cause"]) for line in lines if line["track"] == "webcam"] == [
        (2_000, "pending_upload"),
        (6_000, "device_lost"),
        (8_000, "unknown"),
    ]


def test_nothing_is_called_missing_before_the_client_could_say_what_it_made(sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.8: closing waits a moment for the manifest, so a normal hand-in leaves no gap in the log."""
    init, *made = clips.webcam(6)
    sitting.keep(*clips.screen(6), track=Track.SCREEN)
    sitting.keep(init, *made[:4])
    clock.forward(s=6)
    sitting.hand_in()
    assert close_recording(sitting.attempt) is SessionState.AWAITING_UPLOAD
    sitting.keep(*made[4:])
    note_manifest(
        sitting.attempt, made=[MadeEpoch(Track.WEBCAM, 1, 6, True), MadeEpoch(Track.SCREEN, 1, 3, True)], gaps=[]
    )
    assert coverage(sitting.attempt).state is SessionState.ANALYSING
    assert EntryKind.TRACK_GAP not in {line.kind for line in entries_after(sitting.stream, 0)}


def test_a_late_upload_fills_its_gap_and_ends_the_waiting(sitting: Sitting, clock: SetClock) -> None:
    """product.md §8.9: late media are taken in, and the recording becomes complete."""
    init, *made = clips.webcam(6)
    sitting.keep(*clips.screen(6), track=Track.SCREEN)
    sitting.keep(init, *made[:4])
    clock.forward(s=6)
    sitting.hand_in()
    told = [MadeEpoch(Track.WEBCAM, 1, 6, True), MadeEpoch(Track.SCREEN, 1, 3, True)]
    note_manifest(sitting.attempt, made=told, gaps=[])
    assert close_recording(sitting.attempt) is SessionState.AWAITING_UPLOAD
    assert gaps(sitting) == [Gap(4_000, 6_000, GapCause.PENDING_UPLOAD)]
    sitting.keep(*made[4:])
    assert note_manifest(sitting.attempt, made=told, gaps=[]) == []
    assert gaps(sitting) == []
    assert coverage(sitting.attempt).state is SessionState.ANALYSING


def test_a_recording_that_cannot_be_closed_keeps_no_other_waiting(sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.8: one whose attempt is gone, or whose disk refuses, stops no sweep."""
    init, first, *_ = clips.webcam(6)
    sitting.keep(init, first)
    Session.objects.create(attempt_id=uuid4(), state=SessionState.AWAITING_UPLOAD)
    sitting.hand_in()
    close_recording(sitting.attempt)
    clock.forward(s=TOLD_WITHIN.total_seconds())
    sweep()
    assert coverage(sitting.attempt).state is SessionState.ANALYSING


def test_waiting_for_uploads_ends_after_two_days(sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.8: the late upload window passes and analysis goes on with what there is."""
    init, first, *_ = clips.webcam(6)
    sitting.keep(init, first)
    sitting.hand_in()
    clock.forward(s=TOLD_WITHIN.total_seconds())
    note_manifest(sitting.attempt, made=[MadeEpoch(Track.WEBCAM, 1, 6, False)], gaps=[])
    close_recording(sitting.attempt)
    sweep()
    assert coverage(sitting.attempt).state is SessionState.AWAITING_UPLOAD
    clock.forward(s=timedelta(hours=48).total_seconds())
    sweep()
    assert coverage(sitting.attempt).state is SessionState.ANALYSING
    recording_analysed(sitting.attempt)
    assert coverage(sitting.attempt).state is SessionState.REVIEW_READY


def test_the_clock_running_without_any_media_is_one_gap(sitting: Sitting, clock: SetClock) -> None:
    """product.md E12: every second of a session is media or a gap, also behind the last fragment."""
    sitting.keep(*clips.webcam(6))
    sitting.keep(*clips.screen(6), track=Track.SCREEN)
    clock.forward(s=60)
    sitting.connect()
    sitting.hand_in()
    clock.forward(s=TOLD_WITHIN.total_seconds())
    close_recording(sitting.attempt)
    whole = [Gap(6_000, 15_000, GapCause.UNKNOWN), Gap(15_000, 60_000, GapCause.OFFLINE)]
    assert (gaps(sitting), gaps(sitting, Track.SCREEN)) == (whole, whole)


def test_a_required_track_that_never_came_is_one_gap_over_the_whole_time(sitting: Sitting, clock: SetClock) -> None:
    """product.md E12: every second of a session is media or a gap."""
    sitting.keep(*clips.webcam(6))
    clock.forward(s=6)
    sitting.hand_in()
    clock.forward(s=TOLD_WITHIN.total_seconds())
    close_recording(sitting.attempt)
    assert (gaps(sitting), gaps(sitting, Track.SCREEN)) == ([], [Gap(0, 6_000, GapCause.UNKNOWN)])


def test_the_chain_heads_of_the_reels_stand_in_the_journal(sitting: Sitting, clock: SetClock, reels: DiskReels) -> None:
    """R-1.16: after closing, neither bytes nor index can be changed unnoticed."""
    sitting.keep(*clips.webcam(6))
    clock.forward(s=6)
    sitting.hand_in()
    clock.forward(s=TOLD_WITHIN.total_seconds())
    close_recording(sitting.attempt)
    ends = [line.extra for line in entries_after(sitting.stream, 0) if line.kind is EntryKind.TRACK_ENDED]
    (webcam,) = [extra for extra in ends if extra["track"] == "webcam"]
    assert len(webcam["chains"]["1"]) == 64
    assert webcam["bytes"] == sum(len(made.content) for made in clips.webcam(6))
    assert verify_segments(sitting.attempt) == []
    last = Segment.objects.filter(reel__track="webcam").order_by("-id")[:1]
    Segment.objects.filter(id__in=[row.id for row in last]).update(sha256=bytes(32))
    assert [problem.seq for problem in verify_segments(sitting.attempt)] == [6, None]


def test_a_torn_tail_is_cut_off_when_the_recording_is_closed(
    sitting: Sitting, clock: SetClock, reels: DiskReels
) -> None:
    """issue 2, faults: after kill -9 the reel is a valid file by itself again."""
    sitting.keep(*clips.webcam())
    path = next(reels.root.rglob("webcam-1.mp4"))
    whole = path.read_bytes()
    with path.open("ab") as reel:
        reel.write(b"torn")
    sitting.hand_in()
    clock.forward(s=TOLD_WITHIN.total_seconds())
    close_recording(sitting.attempt)
    assert path.read_bytes() == whole
    assert clocks.now() == coverage(sitting.attempt).closed_at


def test_a_manifest_that_claims_millions_is_answered_in_a_thousand(sitting: Sitting) -> None:
    """issue 2, bad input: a number in a manifest costs no memory."""
    init, first, *_ = clips.webcam()
    sitting.keep(init, first)
    (missing,) = note_manifest(sitting.attempt, made=[MadeEpoch(Track.WEBCAM, 1, 2_000_000_000, False)], gaps=[])
    assert missing.seqs == list(range(2, 1_002))


def test_pausing_is_the_cause_of_what_was_not_recorded_then(sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.8: recording ↔ suspended by pause, with gap rows."""
    sitting.keep(*clips.webcam(6))
    sitting.keep(*clips.screen(6), track=Track.SCREEN)
    clock.forward(s=6)
    pause(sitting.attempt, by=sitting.author, reason="Fire alarm")
    clock.forward(s=4)
    resume(sitting.attempt, by=sitting.author, reason="x")
    sitting.keep(*clips.webcam(3, 10_000), epoch=2)
    clock.forward(s=3)
    sitting.hand_in()
    clock.forward(s=TOLD_WITHIN.total_seconds())
    close_recording(sitting.attempt)
    assert gaps(sitting) == [Gap(6_000, 10_000, GapCause.PAUSED)]
    assert gaps(sitting, Track.SCREEN) == [
        Gap(6_000, 10_000, GapCause.PAUSED),
        Gap(10_000, 13_000, GapCause.UNKNOWN),
    ]
