"""A log line as it goes out."""

from examhall.base.answer import iso_ms
from examhall.invigilation.rules.log import LogLine
from examhall.invigilation.wire.log import LineOut


def line_out(line: LogLine, *, schedule: str = "") -> LineOut:
    return LineOut(
        number=line.number,
        schedule=schedule,
        attempt=line.attempt,
        at=iso_ms(line.at),
        code=line.kind.value,
        label=line.label,
        group=line.group.value,
        question_number=line.question_number,
        item_id=line.item_id,
        error=line.error,
        ip=line.ip,
        detail=line.detail,
        actor=line.actor,
        client_at=iso_ms(line.client_at) if line.client_at else None,
        received_after_s=_rounded(line.received_after_s),
        saved_after_s=_rounded(line.saved_after_s),
        time_left_s=_rounded(line.time_left_s),
        in_window=line.in_window,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
