"""Storing segments: once each, durable, in whatever order they come, and nothing said that is not so."""

from dataclasses import replace
from uuid import UUID

import pytest

from examhall.base.errors import AlteredRepeat, StorageFull, Unavailable
from examhall.base.words import EntryKind, SessionState, Track
from examhall.base.writer import perform
from examhall.journal.reads import entries_after
from examhall.media.actions.segment import KEEP_SEGMENT, Stored
from examhall.media.reads.recording import (
    coverage,
    init_of,
    newest_group,
    segment_bytes,
    segments_between,
    track_index,
)
from examhall.media.reads.verify import verify_segments
from examhall.media.store.disk import DiskReels
from examhall.media.store.place import use
from examhall.media.store.reel import ReelKey
from tests.media import clips
from tests.media.full import FullReels
from tests.media.sitting import Sitting, sit

pytestmark = pytest.mark.django_db

WHOLE_MS = 10**9


def kinds(stream: UUID) -> list[EntryKind]:
    return [line.kind for line in entries_after(stream, 0)]


def test_segments_are_stored_and_read_back_as_they_came(sitting: Sitting) -> None:
    """R-1.13: what was recorded is there, byte for byte."""
    made = clips.webcam()
    assert sitting.keep(*made) == [Stored.NEW] * 7
    found = segments_between(sitting.attempt, Track.WEBCAM, 0, WHOLE_MS)
    assert [segment_bytes(one) for one in found] == [one.content for one in made[1:]]
    assert [(one.row.seq, one.row.t_ms, one.row.key) for one in found] == [
        (n, n * 1000 - 1000, True) for n in range(1, 7)
    ]
    assert init_of(sitting.attempt, Track.WEBCAM, 1).tracks.keys() == {1, 2}
    assert verify_segments(sitting.attempt) == []


def test_an_identical_repeat_is_recognised_and_stored_once(sitting: Sitting) -> None:
    """issue 2, bad input: a repeated segment is acknowledged again and changes nothing."""
    init, first, *_ = clips.webcam()
    assert sitting.keep(init, first, first) == [Stored.NEW, Stored.NEW, Stored.REPEAT]
    assert sitting.keep(init, first) == [Stored.REPEAT, Stored.REPEAT]
    assert len(track_index(sitting.attempt, Track.WEBCAM).rows) == 1
    assert verify_segments(sitting.attempt) == []


def test_other_bytes_under_a_known_number_are_refused_and_journalled(sitting: Sitting) -> None:
    """product.md §2.2: a duplicate with another hash is rejected and raises an integrity matter."""
    init, first, second, *_ = clips.webcam()
    sitting.keep(init, first)
    [refusal] = sitting.keep(replace(second, number=1))
    assert isinstance(refusal, AlteredRepeat)
    line = entries_after(sitting.stream, 0)[-1]
    assert (line.kind, line.error, line.extra["seq"]) == (EntryKind.EVIDENCE_ALTERED, "altered_repeat", 1)
    assert segment_bytes(segments_between(sitting.attempt, Track.WEBCAM, 0, WHOLE_MS)[0]) == first.content


def test_segments_may_come_in_any_order(sitting: Sitting) -> None:
    """issue 2, bad input: out-of-order segments; the newest goes first, the backlog follows."""
    init, *made = clips.webcam()
    sitting.keep(init, made[5], made[0])
    sitting.keep(made[3], made[1], made[4], made[2])
    rows = track_index(sitting.attempt, Track.WEBCAM).rows
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {segment_bytes(one) for one in segments_between(sitting.attempt, Track.WEBCAM, 0, WHOLE_MS)} == {
        m.content for m in made
    }
    assert verify_segments(sitting.attempt) == []


def test_a_fragment_without_its_init_segment_is_to_be_sent_again(sitting: Sitting) -> None:
    """capture.md §1: a reel begins with its init segment, so that it is a valid file by itself."""
    init, first, *_ = clips.webcam()
    [refusal] = sitting.keep(first)
    assert isinstance(refusal, Unavailable)
    assert sitting.keep(init, first) == [Stored.NEW, Stored.NEW]


def test_the_first_fragment_of_a_track_is_told_to_the_exam_and_the_log(sitting: Sitting) -> None:
    """product.md A2: Start waits until the first segment of each required track is stored."""
    init, first, second, *_ = clips.webcam()
    sitting.keep(init)
    assert EntryKind.TRACK_STARTED not in kinds(sitting.stream)
    assert coverage(sitting.attempt).state is SessionState.PREPARING
    sitting.keep(first, second)
    sitting.keep(init, first, track=Track.SCREEN, epoch=2)
    started = [line.extra for line in entries_after(sitting.stream, 0) if line.kind is EntryKind.TRACK_STARTED]
    assert [(extra["track"], extra["media_epoch"]) for extra in started] == [("webcam", 1), ("screen", 2)]
    assert coverage(sitting.attempt).state is SessionState.RECORDING
    assert sitting.ref.media_epochs == {"webcam": 1, "screen": 2}


def test_many_candidates_share_one_batch(root: UUID, sitting: Sitting) -> None:
    """design.md §3: the group-commit writer takes segments of everybody together."""
    other = sit(root, login="bilal")
    init, first, second, *_ = clips.webcam()
    pieces = [who.piece(made, track) for made in (init, first, second) for who in (sitting, other) for track in Track]
    assert perform(KEEP_SEGMENT, pieces) == [Stored.NEW] * 12
    for who in (sitting, other):
        for track in Track:
            found = segments_between(who.attempt, track, 0, WHOLE_MS)
            assert [segment_bytes(one) for one in found] == [first.content, second.content]


def test_a_full_disk_refuses_everything_new_and_stores_nothing(sitting: Sitting, reels: DiskReels) -> None:
    """issue 2, faults: disk full; clear state, nothing acknowledged that isn't stored, and it goes on afterwards."""
    init, first, second, *_ = clips.webcam()
    sitting.keep(init, first)
    use(FullReels(reels))
    outcomes = sitting.keep(first, second)
    assert outcomes[0] is Stored.REPEAT
    assert isinstance(outcomes[1], StorageFull)
    use(reels)
    assert len(track_index(sitting.attempt, Track.WEBCAM).rows) == 1
    assert sitting.keep(second) == [Stored.NEW]
    assert verify_segments(sitting.attempt) == []


def test_a_segment_sent_twice_at_once_is_not_acknowledged_by_a_full_disk(sitting: Sitting, reels: DiskReels) -> None:
    """R-1.13: a repeat of what the same batch failed to store is no repeat, or the client throws away its only copy."""
    init, first, second, *_ = clips.webcam()
    sitting.keep(init)
    use(FullReels(reels))
    outcomes = sitting.keep(first, first, replace(second, number=1))
    assert [type(outcome) for outcome in outcomes] == [StorageFull] * 3
    use(reels)
    assert sitting.keep(first, second) == [Stored.NEW, Stored.NEW]
    assert verify_segments(sitting.attempt) == []


def test_bytes_written_before_a_crash_without_their_rows_do_not_count(sitting: Sitting, reels: DiskReels) -> None:
    """issue 2, faults: kill -9 between the write and the commit; the client sends again and nothing is doubled."""
    init, first, second, *_ = clips.webcam()
    sitting.keep(init, first)
    path = next(reels.root.rglob("webcam-1.mp4"))
    with path.open("ab") as reel:
        reel.write(second.content[:1_000])
    assert verify_segments(sitting.attempt) == []
    assert sitting.keep(second) == [Stored.NEW]
    assert path.read_bytes() == init.content + first.content + second.content


def test_one_changed_byte_is_found_and_the_segment_named(sitting: Sitting, reels: DiskReels) -> None:
    """R-1.16: a stored segment altered on disk is named."""
    init, first, second, *_ = clips.webcam()
    sitting.keep(init, first, second)
    path = next(reels.root.rglob("webcam-1.mp4"))
    content = bytearray(path.read_bytes())
    content[len(init.content) + len(first.content) + 900] ^= 1
    path.write_bytes(content)
    assert [str(problem) for problem in verify_segments(sitting.attempt)] == [
        "webcam epoch 1 segment 2: altered: the stored bytes are not those that arrived"
    ]
    path.write_bytes(content[: len(init.content) + 10])
    assert [problem.seq for problem in verify_segments(sitting.attempt)] == [1, 2]


def test_a_late_joiner_gets_everything_since_the_newest_key_fragment(sitting: Sitting) -> None:
    """capture.md §4: first picture at once, the screen's key frames being 10 s apart."""
    init, *made = clips.screen(20)
    sitting.keep(init, *made[:8], track=Track.SCREEN)
    assert [one.row.seq for one in newest_group(sitting.attempt, Track.SCREEN)] == [6, 7, 8]
    assert newest_group(sitting.attempt, Track.WEBCAM) == []


def test_segments_touching_a_stretch_are_found_for_stills(sitting: Sitting) -> None:
    """issue 2 §5: each incident has stills of its time."""
    sitting.keep(*clips.webcam())
    assert [one.row.seq for one in segments_between(sitting.attempt, Track.WEBCAM, 1_500, 3_000)] == [2, 3]


def test_bytes_of_one_attempt_lie_under_its_own_key(sitting: Sitting, reels: DiskReels) -> None:
    """product.md §11.2: what belongs to one attempt can be erased by itself."""
    sitting.keep(*clips.webcam())
    assert reels.size_bytes(ReelKey(sitting.attempt, Track.WEBCAM, 1)) == sum(len(m.content) for m in clips.webcam())
    reels.erase(sitting.attempt)
    assert reels.size_bytes(ReelKey(sitting.attempt, Track.WEBCAM, 1)) == 0
