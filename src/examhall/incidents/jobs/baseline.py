"""Where the analysis of an attempt begins: with what the system check's pictures teach, else with nothing."""

import hashlib
from datetime import timedelta

import cv2
import numpy as np

from examhall.base.errors import NotFound
from examhall.base.words import LookAt
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState
from examhall.incidents.detectors.window import Frame
from examhall.incidents.picture_store import read_still
from examhall.incidents.reads.baseline import BaselineRow, baseline_of
from examhall.incidents.rules.baseline import HEIGHT_PX, WIDTH_PX, compared_with


def begun(attempt: AttemptRef, pipeline: Pipeline) -> tuple[PipelineState, str]:
    """The state before the first piece, and with what this candidate is compared, in words; empty: with the exam."""
    kept = baseline_of(attempt.id)
    if not kept:
        return PipelineState(), ""
    checked_at = attempt.entered_at + timedelta(milliseconds=next(iter(kept.values())).offset_ms)
    since = f"{checked_at:%H:%M} UTC"
    frames = {look: frame for look, row in kept.items() if (frame := _frame(row)) is not None}
    altered = [f"the picture {look} is not as it was stored" for look in kept if look not in frames]
    state, lacks = pipeline.begun(frames, since=since)
    return state, compared_with(since, lacks=[*altered, *lacks], used=state != PipelineState())


def check_picture(attempt: AttemptRef) -> tuple[int, bytes] | None:
    """When it was taken, in ms since the attempt was entered, and the JPEG of the middle; None without a whole one."""
    row = baseline_of(attempt.id).get(LookAt.MIDDLE)
    content = None if row is None else _content(row)
    return None if row is None or content is None else (row.offset_ms, content)


def _content(row: BaselineRow) -> bytes | None:
    """None when the file is gone or altered: nobody is compared with what they did not send."""
    try:
        content = read_still(row.key)
    except NotFound:
        return None
    return content if hashlib.sha256(content).digest() == row.sha256 else None


def _frame(row: BaselineRow) -> Frame | None:
    content = _content(row)
    frame = None if content is None else cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return None if frame is None or frame.shape[:2] != (HEIGHT_PX, WIDTH_PX) else np.asarray(frame, np.uint8)
