"""Who plays in a story and where, as it passes between the programs of this folder."""

from datetime import datetime
from typing import Any

import msgspec

KEY_WORDS = ("zqsodium7", "0.0173")
"""A right answer and a tolerance of the questions, written by no candidate: where a page has them, a key has leaked."""


class Account(msgspec.Struct, frozen=True):
    login: str
    password: str
    name: str


class Sitting(msgspec.Struct, frozen=True):
    """One story's exam: open now, live mode, one invigilator, one candidate."""

    schedule: str
    registration: str
    candidate: Account


class Cast(msgspec.Struct, frozen=True):
    invigilator: Account
    reviewer: Account
    administrator: Account
    sittings: dict[str, Sitting]


class Entry(msgspec.Struct, frozen=True):
    """One line of an attempt's journal."""

    number: int
    kind: str
    at: datetime
    client_at: datetime | None
    client_seq: int | None
    question: int | None
    role: str
    error: str
    epoch: int | None
    extra: dict[str, Any]


class Revision(msgspec.Struct, frozen=True):
    item: str
    client_seq: int
    counting: bool
    refusal: str
    response: Any


class Marked(msgspec.Struct, frozen=True):
    """One incident."""

    kind: str
    start_ms: int
    end_ms: int
    opened_at: datetime
    needed_s: float
    stills: int


class Held(msgspec.Struct, frozen=True):
    """What the server holds of one attempt."""

    attempt: str
    stream: str
    state: str
    entered_at: datetime
    stopped_at: datetime | None
    deadline_at: datetime | None
    entries: list[Entry]
    answers: dict[int, Any]
    """The answer that counts, by question number."""
    revisions: list[Revision]
    segments: dict[str, dict[int, list[int]]]
    """Track → media epoch → numbers of the stored fragments in order of arrival."""
    gaps: dict[str, list[tuple[int, int, str]]]
    """Track → from and to in ms, cause."""
    session: str
    incidents: list[Marked]
    points: float
    """By the key; what a person marks is left out."""

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    def of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def response(self, question: int) -> Any:  # noqa: ANN401 - a string, a list or nothing, as it was sent
        return self.answers.get(question)
