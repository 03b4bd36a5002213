"""What the server holds of the newest attempt of a registration, as JSON. Run as a program: REGISTRATION [WAIT_S].

With WAIT_S the answer waits that long for the worker to be done with the session. Media's rows are read through its
own reads; the story's server may be serving meanwhile.
"""

import sys
import time
from uuid import UUID

import django
import msgspec

django.setup()

from tests.journeys.cast import Entry, Held, Marked, Revision  # noqa: E402

from examhall.base.words import GapCause, Track  # noqa: E402 - Django must be set up first
from examhall.exam.access.attempt import AttemptRef, attempt_of_stream  # noqa: E402
from examhall.exam.access.form import form_of  # noqa: E402
from examhall.exam.models import AnswerRevision, Attempt  # noqa: E402
from examhall.exam.reads.attempt import counting_answers  # noqa: E402
from examhall.exam.reads.result import result_of  # noqa: E402
from examhall.incidents.reads.incident import incidents_of  # noqa: E402
from examhall.journal.reads import entries_after  # noqa: E402
from examhall.media.reads.recording import coverage, segments_between  # noqa: E402


def _entries(ref: AttemptRef) -> list[Entry]:
    return [
        Entry(
            number=row.number,
            kind=row.kind.value,
            at=row.at,
            client_at=row.client_at,
            client_seq=row.client_seq,
            question=row.question_number,
            role=row.actor_role,
            error=row.error,
            epoch=row.epoch,
            extra=row.extra,
        )
        for row in entries_after(ref.stream, 0, limit=5_000)
    ]


def _revisions(ref: AttemptRef) -> list[Revision]:
    return [
        Revision(
            item=str(one.item_version_id),
            client_seq=one.client_seq,
            counting=one.counting,
            refusal=one.refusal,
            response=msgspec.json.decode(one.response_json),
        )
        for one in AnswerRevision.objects.filter(attempt_id=ref.id).order_by("id")
    ]


WHOLE_MS = 10**9
LOOK_EVERY_S = 0.25
"""The worker that is waited for needs the cores more."""


def _segments(ref: AttemptRef) -> dict[str, dict[int, list[int]]]:
    found: dict[str, dict[int, list[int]]] = {}
    for track in Track:
        for segment in segments_between(ref.id, track, 0, WHOLE_MS):
            found.setdefault(track.value, {}).setdefault(segment.key.epoch, []).append(segment.row.seq)
    return found


def _settled(registration: UUID, within_s: float) -> Held:
    until = time.monotonic() + within_s
    while (held := _held(registration)).session != "review_ready" and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)
    return held


def _held(registration: UUID) -> Held:
    row = Attempt.objects.filter(registration_id=registration).order_by("-number").first()
    assert row is not None, "no attempt was opened"
    ref = attempt_of_stream(row.stream_id)
    assert ref is not None
    form = form_of(ref.version, ref.form_seed)
    recording = coverage(ref.id)
    return Held(
        attempt=str(ref.id),
        stream=str(ref.stream),
        state=row.state,
        entered_at=row.entered_at,
        stopped_at=row.stopped_at,
        deadline_at=row.deadline_at,
        entries=_entries(ref),
        answers={
            form.by_item[one.item_id].number: msgspec.json.decode(one.response_json) for one in counting_answers(ref.id)
        },
        revisions=_revisions(ref),
        segments=_segments(ref),
        gaps={
            track.value: [(hole.from_ms, hole.to_ms, GapCause(hole.cause).value) for hole in holes]
            for track, holes in recording.gaps.items()
        },
        session=recording.state.value,
        incidents=[
            Marked(one.kind.value, one.start_ms, one.end_ms, one.opened_at, one.needed_s, len(one.stills))
            for one in incidents_of(ref.id)
        ],
        points=result_of(ref.id).points,
    )


def main() -> None:
    registration, *wait_s = sys.argv[1:]
    held = _settled(UUID(registration), float(wait_s[0])) if wait_s else _held(UUID(registration))
    sys.stdout.write(msgspec.json.encode(held).decode())


if __name__ == "__main__":
    main()
