"""The candidate's own pictures of the system check: when they are asked for, and what each has to be."""

from collections.abc import Collection, Sequence

from examhall.base.errors import BadInput
from examhall.base.words import Accommodation, IncidentKind, LookAt
from examhall.exam.rules.accommodation import detections_off
from examhall.exam.rules.policy import Level, Policy

POSE_KINDS = frozenset({IncidentKind.HEAD_TURN, IncidentKind.GAZE_OFF})
BASELINE_KINDS = POSE_KINDS | {IncidentKind.IDENTITY_CHANGE}
"""Kinds that hold the candidate against the candidate; the others need no picture."""
WIDTH_PX, HEIGHT_PX = 640, 480
"""As the detectors see a frame of the recording."""
MAX_BYTES = 80_000
"""Of one picture; a face in JPEG of good quality takes half of it."""
_FRAME_HEADERS = frozenset({0xC0, 0xC1, 0xC2})
"""The JPEG markers behind which the size stands: what browsers and OpenCV write and read."""


def looks_asked(policy: Policy, words: Collection[Accommodation]) -> tuple[LookAt, ...]:
    """Those to ask for, in order: none where nothing would be compared, or need not be shown by accommodation."""
    on = {kind for kind in BASELINE_KINDS if policy.detect.get(kind, Level.OFF) is not Level.OFF}
    arranged = BASELINE_KINDS & detections_off(words)
    return tuple(LookAt) if policy.record.video and on and not arranged else ()


def in_order(pictures: Sequence[tuple[LookAt, bytes]]) -> dict[LookAt, bytes]:
    """The pictures by look. Raises BadInput naming the one that is missing, out of order or no such JPEG."""
    looks = [look for look, _ in pictures]
    if looks != list(LookAt):
        order = ", ".join(LookAt)
        raise BadInput(f"There is one picture of each look: {order}.", fields={"looks": f"send {order}, in this order"})
    for place, (look, content) in enumerate(pictures):
        if _size_px(content) != (WIDTH_PX, HEIGHT_PX):
            raise BadInput(
                f"The picture of the look {look} is no JPEG of {WIDTH_PX} by {HEIGHT_PX} pixels. Take it again.",
                fields={f"looks[{place}].jpeg": f"send a whole JPEG of {WIDTH_PX} by {HEIGHT_PX} pixels"},
            )
    return dict(pictures)


def compared_with(since: str, *, lacks: Sequence[str], used: bool) -> str:
    """With what a candidate is compared, for the session's details. since: when the check was, as a time of day."""
    said = f"The candidate's own pictures of the system check of {since}"
    if not lacks and used:
        return said
    how = "serve only in part" if used else "could not be used"
    return f"{said} {how}: {', '.join(lacks) or 'nothing is compared'}. What they lack is learnt during the exam"


def _size_px(content: bytes) -> tuple[int, int] | None:
    """Width and height as the header says; None where it is no whole JPEG."""
    if not (content.startswith(b"\xff\xd8") and content.endswith(b"\xff\xd9")):
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        length = int.from_bytes(content[at + 2 : at + 4])
        if content[at + 1] in _FRAME_HEADERS:
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + length
    return None
