"""A line of the candidate log on the wire: the desk's feed and the JSON export."""

import msgspec


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    schedule: str = ""
    """Empty in an export."""
    attempt: int
    at: str
    code: str
    label: str
    group: str
    question_number: int | None
    item_id: str
    error: str
    ip: str
    detail: str
    actor: str
    client_at: str | None
    received_after_s: float | None
    saved_after_s: float | None
    time_left_s: float | None
    in_window: bool


class LogOut(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON export. Times are UTC with milliseconds."""

    schedule: str
    title: str
    candidate: str
    candidate_number: str
    attempt: int
    exported_at: str
    exported_by: str
    chain: str
    """`unbroken`, or where and why it is broken."""
    lines: list[LineOut]
