"""Hands each stored segment on to whoever watches its track, in the same process, without ever slowing ingest.

A viewer that is too slow loses frames up to the next key fragment, which it can decode by itself; the queue in front of
it never grows beyond QUEUE_FRAMES.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from examhall.base.words import Track
from examhall.media.container.segment import INIT_SEQ, Kind, Piece

QUEUE_FRAMES = 12  # a screen's whole group of pictures (5) twice, and an init; 12 s of webcam


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """One stored segment as it goes to a viewer: header fields of the wire, then the stored bytes."""

    attempt: UUID
    track: Track
    media_epoch: int
    seq: int
    kind: Kind
    t_ms: int
    d_ms: int
    key: bool
    content: bytes
    codecs: str = ""


def frame_of(piece: Piece) -> MediaFrame:
    kind = Kind.INIT if piece.seq == INIT_SEQ else Kind.FRAGMENT
    found = piece.times
    return MediaFrame(
        attempt=piece.attempt,
        track=piece.track,
        media_epoch=piece.epoch,
        seq=piece.seq,
        kind=kind,
        t_ms=found.t_ms,
        d_ms=found.d_ms,
        key=found.key,
        content=piece.content,
        codecs=piece.codecs,
    )


@dataclass(slots=True, eq=False)
class Viewer:
    """One viewer's bounded queue on one track. Used from its own event loop only."""

    _frames: deque[MediaFrame] = field(default_factory=deque)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _skipping: bool = False
    dropped: int = 0

    def offer(self, frame: MediaFrame) -> None:
        """Queue a frame; when the queue is full, forget it all and go on with the next key fragment."""
        if frame.kind is Kind.FRAGMENT and len(self._frames) >= QUEUE_FRAMES:
            self.dropped += len(self._frames)
            inits = [waiting for waiting in self._frames if waiting.kind is Kind.INIT]
            self._frames = deque(inits[-1:])
            self.dropped -= len(self._frames)
            self._skipping = True
        if self._skipping and frame.kind is Kind.FRAGMENT and not frame.key:
            self.dropped += 1
            return
        if frame.kind is Kind.FRAGMENT:
            self._skipping = False
        self._frames.append(frame)
        self._arrived.set()

    async def frames(self) -> AsyncIterator[MediaFrame]:
        """Frames as they come, for ever."""
        while True:
            while self._frames:
                yield self._frames.popleft()
            self._arrived.clear()
            await self._arrived.wait()


class Relay:
    """All viewers of this process by attempt and track."""

    def __init__(self) -> None:
        self._viewers: dict[tuple[UUID, Track], set[Viewer]] = {}

    def publish(self, frame: MediaFrame) -> None:
        """Offer the frame to its viewers; returns at once. To be called on the event loop."""
        for viewer in self._viewers.get((frame.attempt, frame.track), ()):
            viewer.offer(frame)

    def watched(self, attempt: UUID, track: Track) -> bool:
        return (attempt, track) in self._viewers

    def attempts(self) -> set[UUID]:
        """Whom somebody watches now; may be asked from any thread."""
        return {attempt for attempt, _ in list(self._viewers)}

    @asynccontextmanager
    async def subscribe(self, attempt: UUID, track: Track) -> AsyncIterator[Viewer]:
        """A viewer of what arrives from now on; `reads.recording.newest_group` has what came before."""
        viewer = Viewer()
        place = (attempt, track)
        self._viewers.setdefault(place, set()).add(viewer)
        try:
            yield viewer
        finally:
            others = self._viewers.get(place, set())
            others.discard(viewer)
            if not others:
                self._viewers.pop(place, None)


relay = Relay()
