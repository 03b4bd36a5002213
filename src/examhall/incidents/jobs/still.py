"""Taking the pictures of incidents out of the recording: start, middle and end of each, camera and screen."""

import io
from collections.abc import Iterator

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.error import FFmpegError

from examhall.base.words import IncidentKind, Track
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents.actions.still import keep_still
from examhall.incidents.jobs.baseline import check_picture
from examhall.incidents.jobs.evidence import Recording
from examhall.incidents.reads.analysis import Bare, bare_incidents

STILL_WIDTH_PX = 640
JPEG_QUALITY = 80
SHORT_MS, MIDDLE_FROM_MS = 1_000, 4_000
"""Shorter incidents need one picture, longer ones two, and from here on three."""
OPENING_MS = 3_000
"""So long after the recording began the candidate is pictured, for comparison with who sits there later."""
YOUNG_MS = 60_000
"""Media of a moment may arrive after the line that made the incident: it is tried again this long."""


def take_stills(attempt: AttemptRef, recording: Recording, *, analysed_to_ms: int, final: bool, number: int = 0) -> int:
    """Keep every still that one set lacks and that can be had now; returns how many. Safe to run twice."""
    taken = 0
    for incident in bare_incidents(attempt.id, number=number):
        if not final and incident.end_ms < analysed_to_ms - YOUNG_MS:
            continue
        for track, label, at_ms, content in _had(attempt, recording, incident):
            keep_still(incident.id, attempt_id=attempt.id, track=track, label=label, offset_ms=at_ms, content=content)
            taken += 1
    return taken


def _had(attempt: AttemptRef, recording: Recording, incident: Bare) -> Iterator[tuple[Track, str, int, bytes]]:
    """Track, label, moment and picture of each still that is not kept yet and can be had."""
    compared = incident.kind is IncidentKind.IDENTITY_CHANGE
    for track, label, at_ms in wanted(incident, began_ms=_began_ms(recording) if compared else None):
        content = picture(recording, track, at_ms)
        if content is not None:
            yield track, label, at_ms, content
    if compared and (Track.WEBCAM.value, "check") not in incident.stills:
        checked = check_picture(attempt)
        if checked is not None:
            yield Track.WEBCAM, "check", *checked


def wanted(incident: Bare, *, began_ms: int | None = None) -> Iterator[tuple[Track, str, int]]:
    """Track, label and moment of each still that is not there yet; the end only once it is known.

    began_ms: where the recording begins, if the opening is to be seen too.
    """
    length_ms = incident.end_ms - incident.start_ms
    moments = {"start": incident.start_ms + min(length_ms // 2, 500)}
    if not incident.open_ended and length_ms >= MIDDLE_FROM_MS:
        moments["middle"] = incident.start_ms + length_ms // 2
    if not incident.open_ended and length_ms >= SHORT_MS:
        moments["end"] = incident.end_ms
    for track in Track:
        for label, at_ms in moments.items():
            if (track.value, label) not in incident.stills:
                yield track, label, at_ms
    if began_ms is not None and (Track.WEBCAM.value, "opening") not in incident.stills:
        yield Track.WEBCAM, "opening", began_ms + OPENING_MS


def _began_ms(recording: Recording) -> int | None:
    first = recording.pieces(Track.WEBCAM, epoch=0, seq=0, limit=1)
    return first[0].t_ms if first else None


def picture(recording: Recording, track: Track, at_ms: int) -> bytes | None:
    """The picture shown at `at_ms` as JPEG, at most STILL_WIDTH_PX wide; None if there is none."""
    pieces = recording.around(track, at_ms)
    if not pieces:
        return None
    frame = _frame_at(recording.media(track, pieces), at_ms / 1000)
    if frame is None:
        return None
    scale = min(1.0, STILL_WIDTH_PX / frame.shape[1])
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    done, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(jpeg) if done else None


def _frame_at(media: bytes, at_s: float) -> npt.NDArray[np.uint8] | None:
    """The last frame at or before `at_s`, or the first one: uint8 [h, w, 3] BGR."""
    shown = None
    try:
        with av.open(io.BytesIO(media), mode="r") as container:
            for frame in container.decode(video=0):
                if shown is not None and (frame.time or 0.0) > at_s:
                    break
                shown = frame
            return None if shown is None else np.asarray(shown.to_ndarray(format="bgr24"), np.uint8)
    except (FFmpegError, IndexError):
        return None
