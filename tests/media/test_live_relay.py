"""The relay: everybody gets the same bytes, and a slow viewer harms only themselves."""

import asyncio
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import Track
from examhall.media.container.segment import Kind
from examhall.media.live.relay import QUEUE_FRAMES, MediaFrame, Relay, Viewer

ATTEMPT = UUID("019a0000-0000-7000-8000-0000000000ab")


def frame(seq: int, *, key: bool = True, epoch: int = 1, track: Track = Track.WEBCAM) -> MediaFrame:
    kind = Kind.FRAGMENT if seq else Kind.INIT
    return MediaFrame(ATTEMPT, track, epoch, seq, kind, seq * 1000, 1000, key and seq > 0, b"%d" % seq)


async def taken(viewer: Viewer, count: int) -> list[int]:
    """The numbers of the next `count` frames."""
    found: list[int] = []
    async for one in viewer.frames():
        found.append(one.seq)
        if len(found) == count:
            break
    return found


def waiting(viewer: Viewer) -> list[int]:
    return [one.seq for one in viewer._frames]


def test_all_viewers_of_a_track_get_its_frames_and_no_others() -> None:
    """design.md §5: the same bytes over every staff page's WebSocket."""

    async def scene() -> tuple[list[int], list[int], bool]:
        relay = Relay()
        async with relay.subscribe(ATTEMPT, Track.WEBCAM) as one, relay.subscribe(ATTEMPT, Track.WEBCAM) as two:
            for seq in range(3):
                relay.publish(frame(seq))
                relay.publish(frame(seq + 50, track=Track.SCREEN))
            seen = await taken(one, 3), await taken(two, 3)
        return *seen, relay.watched(ATTEMPT, Track.WEBCAM)

    assert asyncio.run(scene()) == ([0, 1, 2], [0, 1, 2], False)


def test_a_viewer_waits_for_what_is_to_come() -> None:
    """design.md §5: live pictures as they arrive."""

    async def scene() -> list[int]:
        relay = Relay()
        async with relay.subscribe(ATTEMPT, Track.WEBCAM) as viewer:
            waits = asyncio.create_task(taken(viewer, 2))
            await asyncio.sleep(0)
            relay.publish(frame(7))
            await asyncio.sleep(0)
            relay.publish(frame(8))
            return await waits

    assert asyncio.run(scene()) == [7, 8]


def test_a_slow_viewer_goes_on_at_the_next_key_frame() -> None:
    """capture.md §4: what is too late is dropped, never a frame whose key frame is gone."""
    viewer = Viewer()
    for seq in range(1, QUEUE_FRAMES + 10):
        viewer.offer(frame(seq, key=seq % 5 == 1))
    assert waiting(viewer) == [16, 17, 18, 19, 20, 21]
    assert viewer.dropped == 15


def test_a_slow_viewer_keeps_the_init_segment_of_what_follows() -> None:
    """capture.md §9: a new media epoch cannot be decoded without its init segment."""
    viewer = Viewer()
    for seq in range(1, QUEUE_FRAMES):
        viewer.offer(frame(seq))
    viewer.offer(frame(0, epoch=2))
    viewer.offer(frame(1, epoch=2))
    assert waiting(viewer) == [0, 1]


@given(keys=st.lists(st.booleans(), max_size=200))
def test_the_queue_never_grows_and_never_begins_in_the_middle_of_a_group(keys: list[bool]) -> None:
    """issue 2 §4: bounded queues; a slow viewer never slows ingest."""
    viewer = Viewer()
    for seq, key in enumerate(keys, 1):
        viewer.offer(frame(seq, key=key))
        assert len(viewer._frames) <= QUEUE_FRAMES
    followed = waiting(viewer)
    assert followed == list(range(len(keys) - len(followed) + 1, len(keys) + 1)) or not followed
    assert viewer.dropped + len(followed) == len(keys)
    assert not viewer.dropped or all(keys[seq - 1] for seq in followed[:1])
