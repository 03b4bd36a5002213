"""The live door: the promised wire, what it takes and what it refuses."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from examhall.base.answer import iso_ms
from examhall.base.clock import SetClock
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind
from examhall.exam.access.hold import holds
from examhall.exam.access.token import verify
from examhall.exam.actions.attempt import hand_in
from examhall.exam.actions.intervention import pause, send_message, stop
from examhall.exam.actions.lease import take
from examhall.exam.models import Attempt
from examhall.exam.reads.attempt import counting_answers, messages, revisions
from tests.exam.door import Json, answers, bearer, heartbeat, token
from tests.exam.sitting import CLIENT, Exam, Sitting, entered, exam, started

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_heartbeat_is_answered_with_time_state_and_cursor(
    live: TestClient, sitting: Sitting, clock: SetClock
) -> None:
    """product.md T1: every response carries server_now."""
    reply = live.post("heartbeat", json=heartbeat(sitting, clock), headers=bearer(sitting))
    body = reply.json()
    assert reply.status_code == 200
    assert body["server_now"] == iso_ms(clock.now())
    assert (body["state"], body["last_entry"]) == ("in_progress", len(sitting.lines()))
    assert body["deadline_at"] == iso_ms(sitting.ends_at)
    assert 0 <= body["load"] <= 10
    assert "token" not in body
    assert (sitting.row.current_question, sitting.row.seen_mono_ms) == (2, 1000)


def test_a_token_is_renewed_before_it_ends(live: TestClient, sitting: Sitting, clock: SetClock) -> None:
    """Live wire v1: exp 900 s; renewed in heartbeat answers."""
    headers = bearer(sitting)
    clock.forward(s=301)
    sitting.beat()
    renewed = live.post("heartbeat", json=heartbeat(sitting, clock), headers=headers).json()["token"]
    assert verify(renewed).expires_at == clock.now() + timedelta(seconds=900)


@pytest.mark.parametrize("path", ["heartbeat", "answers", "entries", "start", "hand-in"])
@pytest.mark.parametrize(
    "header", ["", "Basic abc", "Bearer", "Bearer forged", "Bearer {altered}", "Bearer {other_salt}"]
)
def test_a_forged_token_opens_nothing(live: TestClient, sitting: Sitting, path: str, header: str) -> None:
    """Live wire v1: forged → 401 not_signed_in, before the body is looked at."""
    real = token(sitting)
    altered = ("A" if real[0] != "A" else "B") + real[1:]
    text = header.format(altered=altered, other_salt=real.rsplit(":", 1)[0] + ":c2lnbmF0dXJl")
    reply = live.post(path, content=b"{}", headers={"authorization": text})
    assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")


def test_an_expired_token_opens_nothing(live: TestClient, sitting: Sitting, clock: SetClock) -> None:
    """Live wire v1: expired → 401 not_signed_in."""
    headers = bearer(sitting)
    clock.forward(s=899)
    assert live.post("heartbeat", json=heartbeat(sitting, clock), headers=headers).status_code == 200
    clock.forward(s=1)
    reply = live.post("heartbeat", json=heartbeat(sitting, clock), headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("heartbeat", {"epoch": 1, "mono_ms": 1, "client_at": "2026-01-01T00:00:00Z", "mood": 1}, "mood"),
        (
            "heartbeat",
            {"epoch": 1, "mono_ms": 1, "client_at": "2026-01-01T00:00:00Z", "backlog": {"files": 1}},
            "backlog.files",
        ),
        ("answers", {"draft": True, "epoch": 1, "answers": []}, "draft"),
        ("start", {"epoch": 1, "now": True}, "now"),
        ("hand-in", {"epoch": 1, "idempotency_key": "k", "grade": 6}, "grade"),
    ],
)
def test_an_unknown_field_is_named(live: TestClient, sitting: Sitting, path: str, body: Json, field: str) -> None:
    """Issue 2, bad input: unknown wire fields → 400 unknown_field."""
    reply = live.post(path, json=body, headers=bearer(sitting))
    assert (reply.status_code, reply.json()["code"]) == (400, "unknown_field")
    assert field in reply.json()["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("heartbeat", b"not json"),
        ("heartbeat", b'{"epoch": 1, "mono_ms": -1, "client_at": "2026-01-01T00:00:00Z"}'),
        ("heartbeat", b'{"epoch": 1, "mono_ms": 1, "client_at": "2026-01-01T00:00:00"}'),
        ("answers", b'{"epoch": 1, "answers": []}'),
        ("answers", b'{"epoch": 1, "answers": [{"item_id": "x", "client_seq": 0}]}'),
        ("entries", b'{"epoch": "one", "entries": []}'),
        ("hand-in", b'{"epoch": 1, "idempotency_key": ""}'),
    ],
)
def test_a_body_of_another_shape_is_refused(live: TestClient, sitting: Sitting, path: str, body: bytes) -> None:
    """Bad input: 400 bad_input naming the field; nothing is written."""
    lines = len(sitting.lines())
    reply = live.post(path, content=body, headers=bearer(sitting))
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_input")
    assert len(sitting.lines()) == lines


ENTRY = {"client_seq": 1, "kind": "focus_lost", "client_at": "2026-01-01T00:00:00Z", "mono_ms": 1}
ANSWER = {"item_id": "x", "client_seq": 1, "client_at": "2026-01-01T00:00:00Z", "mono_ms": 1, "response": "x"}
YEAR_1 = "0001-01-01T00:00:00+14:00"


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("heartbeat", {"epoch": 1, "mono_ms": 1, "client_at": YEAR_1}, "client_at"),
        ("heartbeat", {"epoch": 1, "mono_ms": 1, "client_at": "9999-12-31T23:59:59-14:00"}, "client_at"),
        ("answers", {"epoch": 1, "answers": [{**ANSWER, "client_at": YEAR_1}]}, "answers[0]: client_at"),
        ("answers", {"epoch": 1, "answers": [{**ANSWER, "item_id": "\0"}]}, "answers[0].item_id: a NUL"),
        ("entries", {"epoch": 1, "entries": [ENTRY, {**ENTRY, "client_at": YEAR_1}]}, "entries[1]: client_at"),
        ("entries", {"epoch": 1, "entries": [{**ENTRY, "client_seq": 500_001}]}, "client_seq"),
        ("entries", {"epoch": 1, "entries": [{**ENTRY, "error": "a\0b"}]}, "entries[0].error: a NUL"),
        ("entries", {"epoch": 1, "entries": [{**ENTRY, "item_id": "\0"}]}, "entries[0].item_id: a NUL"),
        ("entries", {"epoch": 1, "entries": [{**ENTRY, "extra": {"a": "\0"}}]}, "a NUL"),
        ("entries", {"epoch": 1, "entries": [{**ENTRY, "extra": {"a": 10**400}}]}, "extra"),
        ("entries", {"epoch": 1, "entries": [{**ENTRY, "error": "cut \ud83d here"}]}, "surrogate"),
        ("hand-in", {"epoch": 1, "idempotency_key": "k\0"}, "idempotency_key: a NUL"),
    ],
)
def test_what_no_database_can_store_is_refused_before_the_group_commit(
    live: TestClient, sitting: Sitting, path: str, body: Json, named: str
) -> None:
    """Issue 2, bad input: 400 naming what to mend; never 503 for ever, and nobody else's commit is broken up."""
    lines = len(sitting.lines())
    reply = live.post(path, content=json.dumps(body), headers=bearer(sitting))
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_input")
    assert named in reply.json()["message"]
    assert len(sitting.lines()) == lines


def test_a_clock_that_is_wrong_by_decades_is_still_heard(live: TestClient, sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.5: a difference is noted once and has no effect."""
    beat = heartbeat(sitting, clock, client_at="1970-01-01T00:00:00Z")
    assert live.post("heartbeat", json=beat, headers=bearer(sitting)).status_code == 200
    assert EntryKind.CLOCK_SKEW in sitting.kinds()


def test_a_body_without_end_is_cut_off(live: TestClient, sitting: Sitting) -> None:
    """Bad input: uploads are bounded: 413 too_large."""
    reply = live.post("answers", content=b"x" * (1024 * 1024 + 1), headers=bearer(sitting))
    assert (reply.status_code, reply.json()["code"]) == (413, "too_large")


def test_answers_of_every_shape_are_saved_with_number_and_hash(
    live: TestClient, sitting: Sitting, clock: SetClock
) -> None:
    """Live wire v1: string, list of strings or null; a repeat says so."""
    body = answers(sitting, clock, "text", ["a", "b"], None)
    first = live.post("answers", json=body, headers=bearer(sitting)).json()["results"]
    again = live.post("answers", json=body, headers=bearer(sitting)).json()["results"]
    assert [(r["client_seq"], r["status"], r["revision"]) for r in first] == [(n, "saved", 1) for n in (1, 2, 3)]
    assert [(r["status"], r["hash"], r["saved_at"]) for r in again] == [
        ("repeat", r["hash"], r["saved_at"]) for r in first
    ]
    assert all(len(r["hash"]) == 64 for r in first)


def test_an_answer_with_a_nul_character_is_saved_as_it_came(
    live: TestClient, sitting: Sitting, clock: SetClock
) -> None:
    """design.md §1: nothing a candidate did is lost, whatever stood on their clipboard."""
    [result] = live.post("answers", json=answers(sitting, clock, "a\0b"), headers=bearer(sitting)).json()["results"]
    assert result["status"] == "saved"
    assert [answer.response_json for answer in counting_answers(sitting.attempt)] == [r'"a\u0000b"']


def test_a_late_answer_is_refused_in_words(live: TestClient, root: UUID, clock: SetClock) -> None:
    """product.md §10.5: every refusal has a code and a plain reason."""
    sitting = started(exam(root, minutes=1))
    for _ in range(8):
        clock.forward(s=9)
        sitting.beat()
    [result] = live.post("answers", json=answers(sitting, clock, "x"), headers=bearer(sitting)).json()["results"]
    assert (result["status"], result["code"]) == ("rejected", "after_deadline")
    assert "time was over" in result["message"]


def test_an_answer_longer_than_a_book_is_refused(live: TestClient, sitting: Sitting, clock: SetClock) -> None:
    """Bad input: 413 before anything is stored."""
    reply = live.post("answers", json=answers(sitting, clock, "x" * 200_001), headers=bearer(sitting))
    assert reply.status_code == 413
    assert revisions(sitting.attempt) == []


def test_the_old_tab_is_told_that_its_lease_is_stale(live: TestClient, sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.5: writes with an old epoch get 409 stale_lease; what they wanted is kept."""
    old = bearer(sitting)
    body = answers(sitting, clock, "late words")
    take(sitting.attempt, by=sitting.by, client_id="tab-2", takeover=True)
    replies = [
        live.post("heartbeat", json=heartbeat(sitting, clock), headers=old),
        live.post("answers", json=body, headers=old),
        live.post("start", json={"epoch": sitting.epoch}, headers=old),
        live.post("hand-in", json={"epoch": sitting.epoch, "idempotency_key": "k"}, headers=old),
    ]
    assert [(r.status_code, r.json()["code"]) for r in replies] == [(409, "stale_lease")] * 4
    assert [r.refusal for r in revisions(sitting.attempt)] == ["stale_lease"]
    assert sitting.is_in(State.IN_PROGRESS)


def test_a_client_cannot_write_under_an_epoch_that_is_not_its_tokens(
    live: TestClient, sitting: Sitting, clock: SetClock
) -> None:
    """Live wire v1: the epoch is a claim of the token."""
    old = bearer(sitting)
    now = take(sitting.attempt, by=sitting.by, client_id="tab-2", takeover=True).epoch
    reply = live.post("answers", json=answers(sitting, clock, "x", epoch=now), headers=old)
    assert (reply.status_code, reply.json()["code"]) == (409, "stale_lease")
    assert revisions(sitting.attempt) == []


def test_entries_are_taken_once_and_only_of_a_clients_kinds(
    live: TestClient, sitting: Sitting, clock: SetClock
) -> None:
    """product.md §9: sources; idempotent by (attempt, client_seq); R-4.13 front-end errors."""
    at = iso_ms(clock.now())
    sent = [
        {"client_seq": 1, "kind": "question_visited", "client_at": at, "mono_ms": 5, "item_id": sitting.items[2]},
        {"client_seq": 2, "kind": "front_end_error", "client_at": at, "mono_ms": 6, "error": "TypeError"},
        {"client_seq": 3, "kind": "exam_started", "client_at": at, "mono_ms": 7},
        {"client_seq": 4, "kind": "made_up", "client_at": at, "mono_ms": 8},
        {"client_seq": 5, "kind": "focus_lost", "client_at": at, "mono_ms": 9, "extra": {"away_ms": 120, "full": True}},
    ]
    replies = [
        live.post("entries", json={"epoch": sitting.epoch, "entries": sent}, headers=bearer(sitting)).json()
        for _ in range(2)
    ]
    assert replies[0]["accepted"] == replies[1]["accepted"] == [1, 2, 5]
    assert [r["client_seq"] for r in replies[0]["rejected"]] == [3, 4]
    assert sitting.kinds()[-3:] == [EntryKind.QUESTION_VISITED, EntryKind.FRONT_END_ERROR, EntryKind.FOCUS_LOST]
    visited, failed, lost = sitting.lines()[-3:]
    assert (visited.question_number, failed.error) == (3, "TypeError")
    assert lost.extra == {"away_ms": 120, "full": True, "mono_ms": 9}


def test_what_two_devices_say_under_one_number_is_kept_both_times(
    live: TestClient, of: Exam, sitting: Sitting, clock: SetClock
) -> None:
    """product.md §8.3: each device counts for itself; only the same thing again is a repeat."""
    own = {"client_seq": 1, "kind": "focus_lost", "client_at": iso_ms(clock.now()), "mono_ms": 5}
    clock.forward(s=7)
    other = {"client_seq": 1, "kind": "focus_lost", "client_at": iso_ms(clock.now()), "mono_ms": 3}

    def tell(entry: Json) -> Json:
        body = {"epoch": sitting.epoch, "entries": [entry]}
        return dict(live.post("entries", json=body, headers=bearer(sitting)).json())

    assert tell(other)["accepted"] == [1]
    sitting.epoch = take(sitting.attempt, by=sitting.by, client_id=CLIENT, takeover=True).epoch
    assert [(one["client_seq"], one["code"]) for one in tell(own)["rejected"]] == [(1, "altered_repeat")]
    assert tell({**own, "client_seq": 2})["accepted"] == tell({**own, "client_seq": 2})["accepted"] == [2]
    assert sitting.kinds().count(EntryKind.FOCUS_LOST) == 2


def test_the_client_says_what_broke_and_the_server_what_is_hidden(
    live: TestClient, sitting: Sitting, clock: SetClock
) -> None:
    """product.md §9 hold_started: the system's; §2.5 A3b: restored and acknowledged by the client."""
    sitting.beat(mono_ms=1_000)
    clock.forward(s=20)
    at = iso_ms(clock.now())

    def tell(*entries: Json) -> Json:
        sent = [
            {"client_seq": seq, "client_at": at, **entry} for seq, entry in enumerate(entries, start=sitting.seq + 1)
        ]
        sitting.seq += len(entries)
        body = {"epoch": sitting.epoch, "entries": sent}
        return dict(live.post("entries", json=body, headers=bearer(sitting)).json())

    left = {"kind": "left_full_screen", "mono_ms": 1_500, "extra": {"how": "left"}}
    back = {"kind": "returned_full_screen", "mono_ms": 19_000, "extra": {"away_ms": 17_500}}
    assert tell(left, back)["accepted"] == [1, 2]
    hidden = sitting.line(EntryKind.HOLD_STARTED)
    assert (hidden.actor_role, hidden.at) == ("system", clock.now() - timedelta(seconds=4.5))
    acknowledged = {"kind": "warning_ack", "mono_ms": 20_500, "extra": {"cause": "full_screen"}}
    assert tell(acknowledged)["accepted"] == [3]
    assert sitting.line(EntryKind.HOLD_ENDED).extra["held_s"] == 4
    own_words = [{"kind": kind, "mono_ms": 20_600} for kind in ("hold_started", "hold_ended", "evidence_altered")]
    refused = tell(*own_words)
    assert (refused["accepted"], [one["code"] for one in refused["rejected"]]) == ([], ["not_a_client_entry"] * 3)


def test_a_client_may_say_anything_of_its_devices_and_breaks_nothing(
    live: TestClient, sitting: Sitting, clock: SetClock
) -> None:
    """Issue 2, bad input: `extra` is the client's; its clock may be any number."""
    odd = [
        {"kind": "track_ended", "mono_ms": 2**52, "extra": {"track": 7}},
        {"kind": "track_ended", "mono_ms": 0, "extra": {"track": "x" * 300}},
        {"kind": "warning_ack", "mono_ms": 0, "extra": {"cause": True}},
        {"kind": "display_removed", "mono_ms": 0},
        {"kind": "track_ended", "mono_ms": 2**52, "extra": {"track": "webcam"}},
    ]
    sent = [{"client_seq": seq, "client_at": iso_ms(clock.now()), **entry} for seq, entry in enumerate(odd, start=1)]
    reply = live.post("entries", json={"epoch": sitting.epoch, "entries": sent}, headers=bearer(sitting))
    assert (reply.status_code, reply.json()["accepted"]) == (200, [1, 2, 3, 4, 5])
    [lost] = holds(sitting.attempt, now=clock.now()).unended
    assert (lost.what, lost.broken_at) == ("webcam", clock.now())
    unknown = {**sent[0], "client_seq": 9, "held": True}
    refused = live.post("entries", json={"epoch": sitting.epoch, "entries": [unknown]}, headers=bearer(sitting))
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_field")


def test_what_happens_after_the_end_is_no_part_of_the_attempt(
    live: TestClient, sitting: Sitting, clock: SetClock
) -> None:
    """product.md §8.9: what waited at the client from before the end is taken for 48 h; the log then stands."""

    def told(seq: int, at: datetime) -> dict[str, Any]:
        sent = {"client_seq": seq, "kind": "focus_lost", "client_at": iso_ms(at), "mono_ms": seq}
        reply = live.post("entries", json={"epoch": sitting.epoch, "entries": [sent]}, headers=bearer(sitting)).json()
        return {"accepted": reply["accepted"], "rejected": [(r["client_seq"], r["code"]) for r in reply["rejected"]]}

    hand_in(sitting.attempt, by=sitting.by)
    ended_at = clock.now()
    clock.forward(s=4 * 60)
    assert told(1, clock.now()) == {"accepted": [1], "rejected": []}
    clock.forward(s=2 * 60)
    assert told(2, clock.now()) == {"accepted": [], "rejected": [(2, "attempt_over")]}
    assert told(3, ended_at - timedelta(seconds=30)) == {"accepted": [3], "rejected": []}
    clock.forward(s=48 * 3600)
    assert told(4, ended_at - timedelta(seconds=30)) == {"accepted": [], "rejected": [(4, "attempt_over")]}
    assert told(3, ended_at)["rejected"] == [(3, "attempt_over")]


def test_a_heartbeat_says_why_it_was_paused_or_stopped(
    live: TestClient, of: Exam, sitting: Sitting, clock: SetClock
) -> None:
    """R-0.38: a proxy that lets no WebSocket through must not hide the reason, nor the way back."""
    headers = bearer(sitting)

    def told() -> list[str | None]:
        reply = live.post("heartbeat", json=heartbeat(sitting, clock), headers=headers).json()
        return [reply.get(name) for name in ("state", "reason", "end_reason")]

    assert told() == ["in_progress", None, None]
    pause(sitting.attempt, by=of.invigilator, reason="fire drill")
    assert told() == ["paused", "fire drill", None]
    stop(sitting.attempt, by=of.invigilator, reason="a phone")
    assert told() == ["stopped", "a phone", "invigilator"]


def test_a_message_reaches_a_client_without_a_socket_and_its_reading_comes_back(
    live: TestClient, of: Exam, sitting: Sitting, clock: SetClock
) -> None:
    """product.md §10.1: the exam works without the stream: everything is polled every 5 s."""
    headers = bearer(sitting)
    first, second = (send_message(sitting.attempt, by=of.invigilator, body=body) for body in ("hello", "hurry"))

    def told(**more: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - fields of the wire
        reply = live.post("heartbeat", json=heartbeat(sitting, clock, **more), headers=headers).json()
        return [(push["from"], push["body"]) for push in reply.get("messages", [])]

    name = of.invigilator.name
    assert told() == told() == [(name, "hello"), (name, "hurry")]
    assert told(messages_read=[str(first)]) == [(name, "hurry")]
    assert told(messages_read=[str(first), str(second)]) == []
    assert sitting.kinds().count(EntryKind.MESSAGE_READ) == 2


def test_nobody_reads_the_messages_of_another(live: TestClient, root: UUID, clock: SetClock) -> None:
    """Bad input: another attempt's message, one there never was, and what is no id."""
    of = exam(root, candidates=2)
    mine, theirs = started(of, who=0), started(of, who=1)
    message = send_message(theirs.attempt, by=of.invigilator, body="hello")
    asked = heartbeat(mine, clock, messages_read=[str(message), str(root)])
    reply = live.post("heartbeat", json=asked, headers=bearer(mine)).json()
    assert "messages" not in reply
    assert messages(theirs.attempt)[0].read_at is None
    asked = heartbeat(mine, clock, messages_read=["1"])
    refused = live.post("heartbeat", json=asked, headers=bearer(mine))
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_input")


def test_an_ended_attempt_gets_no_fresh_token(live: TestClient, sitting: Sitting, clock: SetClock) -> None:
    """product.md §11: nobody holds the key to an attempt for ever by sending heartbeats."""
    headers = bearer(sitting)
    hand_in(sitting.attempt, by=sitting.by)
    clock.forward(s=890)
    reply = live.post("heartbeat", json=heartbeat(sitting, clock), headers=headers)
    assert (reply.status_code, "token" in reply.json()) == (200, False)


def test_start_over_the_wire_names_the_missing_track(live: TestClient, of: Exam, clock: SetClock) -> None:
    """Live wire v1: 409 recording_not_confirmed naming the track; then 200 with the deadline."""
    sitting = entered(of)
    Attempt.objects.filter(id=sitting.attempt).update(tracks_confirmed=["webcam"])
    refused = live.post("start", json={"epoch": sitting.epoch}, headers=bearer(sitting))
    assert (refused.status_code, refused.json()["code"]) == (409, "recording_not_confirmed")
    assert list(refused.json()["fields"]) == ["screen"]
    Attempt.objects.filter(id=sitting.attempt).update(tracks_confirmed=["webcam", "screen"])
    body = live.post("start", json={"epoch": sitting.epoch}, headers=bearer(sitting)).json()
    assert (body["state"], body["started_at"]) == ("in_progress", iso_ms(clock.now()))


def test_hand_in_over_the_wire_gives_one_receipt(live: TestClient, sitting: Sitting, clock: SetClock) -> None:
    """Live wire v1: a repeat returns the same receipt."""
    live.post("answers", json=answers(sitting, clock, "a", "b"), headers=bearer(sitting))
    receipts = [
        live.post("hand-in", json={"epoch": sitting.epoch, "idempotency_key": key}, headers=bearer(sitting)).json()
        for key in ("k1", "k1", "k2")
    ]
    assert len({r["receipt"]["number"] for r in receipts}) == 1
    assert (receipts[0]["receipt"]["answered"], receipts[0]["receipt"]["total"]) == (2, 3)
