"""Which lines the system check has under a policy, and whether a report passes (R-0.14, R-0.19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from examhall.base.errors import BadInput
from examhall.exam.rules.policy import FullScreen, Policy

__all__ = [
    "FREE_SPACE_MB",
    "UPSTREAM_KBIT_S",
    "CheckedLine",
    "Line",
    "Result",
    "lines_of",
    "passes",
    "picture_was_dark",
]

FREE_SPACE_MB = 500
"""product.md §4.1 C3: room to keep answers and recording while the connection is gone."""

UPSTREAM_KBIT_S = 400
"""capture.md §2: webcam 200 + sound 24 + screen 164 kbit/s, rounded up."""


class Line(StrEnum):
    """One line of the check; the client measures, `lines_of` says which are asked for."""

    BROWSER = "browser"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SCREEN = "screen"
    ONE_DISPLAY = "one_display"
    FULL_SCREEN = "full_screen"
    CONNECTION = "connection"
    STORAGE = "storage"
    CLOCK = "clock"


class Result(StrEnum):
    PASS = "pass"  # noqa: S105 - a word of the check, no password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckedLine:
    line: Line
    result: Result
    measured: str
    needed: str


def lines_of(policy: Policy) -> tuple[Line, ...]:
    """The lines asked for, in the order they are shown."""
    asked = {
        Line.CAMERA: policy.record.video,
        Line.MICROPHONE: policy.record.audio,
        Line.SCREEN: policy.record.screen,
        Line.ONE_DISPLAY: policy.lock.one_screen,
        Line.FULL_SCREEN: policy.lock.full_screen is not FullScreen.OFF,
    }
    return tuple(line for line in Line if asked.get(line, True))


def picture_was_dark(lines: Sequence[Mapping[str, str]]) -> bool | None:
    """Whether a kept report says that the camera's picture was very dark; None when it says nothing of it.

    The one thing the client warns of at this line (client/src/exam/check/lines.ts, checkCamera) is darkness.
    """
    said = next((one["result"] for one in lines if one["line"] == Line.CAMERA), Result.FAIL)
    return None if said == Result.FAIL else said == Result.WARN


def passes(policy: Policy, report: Sequence[CheckedLine]) -> bool:
    """Whether every line asked for was measured and none failed.

    Raises BadInput when a line stands twice: then nobody could say which one counts.
    """
    by_line = {checked.line: checked.result for checked in report}
    if len(by_line) != len(report):
        raise BadInput("A line of the check was sent twice. Run the check again.", fields={"lines": "each line once"})
    return all(by_line.get(line, Result.FAIL) is not Result.FAIL for line in lines_of(policy))
