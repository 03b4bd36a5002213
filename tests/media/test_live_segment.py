"""The door for segments, spoken to over HTTP as a candidate's client does."""

import hashlib
from collections.abc import Iterator

import pytest

from examhall.base.clock import SetClock
from examhall.base.words import SessionState, Track
from examhall.media.container.encode import Made
from examhall.media.reads.recording import coverage, track_index
from examhall.media.store.disk import DiskReels
from examhall.media.store.place import use
from examhall.media.wire.manifest import MAX_EPOCHS
from tests.media import clips
from tests.media.door import Door
from tests.media.full import FullReels
from tests.media.sitting import Sitting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def door() -> Iterator[Door]:
    opened = Door()
    yield opened
    opened.close()


def headers(sitting: Sitting, made: Made, **changes: str) -> dict[str, str]:
    sent = {
        "authorization": f"Bearer {sitting.token}",
        "x-sha256": hashlib.sha256(made.content).hexdigest(),
        "x-kind": "fragment" if made.number else "init",
        "x-t-ms": str(made.t_ms),
        "x-d-ms": str(made.d_ms),
        "x-key": "1" if made.key else "0",
    }
    if not made.number:
        sent["x-codecs"] = clips.codecs()
    return {**sent, **{name.replace("_", "-"): value for name, value in changes.items()}}


def put(door: Door, sitting: Sitting, made: Made, *, track: str = "webcam", **changes: str) -> tuple[int, str]:
    """Status and code of the answer; the code is empty when it was taken."""
    path = f"/live/v1/media/{track}/1/{made.number}"
    reply = door.put(path, content=made.content, headers=headers(sitting, made, **changes))
    return reply.status_code, reply.json().get("code", "")


def test_a_segment_is_201_once_and_200_when_repeated(door: Door, sitting: Sitting) -> None:
    """design.md §5: at-least-once sending and an idempotent server make exactly once."""
    init, first, *_ = clips.webcam()
    assert [put(door, sitting, made)[0] for made in (init, first, init, first)] == [201, 201, 200, 200]
    reply = door.put("/live/v1/media/webcam/1/1", content=first.content, headers=headers(sitting, first))
    assert reply.json() == {"server_now": "2026-11-23T09:00:00.000Z", "load": reply.json()["load"]}
    assert 0 <= reply.json()["load"] <= 10


def test_other_bytes_under_the_same_number_are_409(door: Door, sitting: Sitting) -> None:
    """COMMON "Live wire": 409 altered_repeat."""
    init, first, second, *_ = clips.webcam()
    put(door, sitting, init)
    put(door, sitting, first)
    reply = door.put("/live/v1/media/webcam/1/1", content=second.content, headers=headers(sitting, second))
    assert (reply.status_code, reply.json()["code"]) == (409, "altered_repeat")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"x_sha256": "0" * 64}, 422, "bad_checksum"),
        ({"x_sha256": "short"}, 400, "bad_input"),
        ({"x_kind": "init"}, 400, "bad_input"),
        ({"x_kind": ""}, 400, "bad_input"),
        ({"x_t_ms": "-5"}, 400, "bad_input"),
        ({"x_d_ms": "soon"}, 400, "bad_input"),
        ({"authorization": "Bearer forged:token"}, 401, "not_signed_in"),
        ({"authorization": ""}, 401, "not_signed_in"),
    ],
)
def test_wrong_headers_are_refused_and_nothing_is_stored(
    door: Door, sitting: Sitting, changes: dict[str, str], status: int, code: str
) -> None:
    """issue 2, bad input: bad checksum, forged token, wrong kind."""
    init, first, *_ = clips.webcam()
    put(door, sitting, init)
    assert put(door, sitting, first, **changes) == (status, code)
    assert track_index(sitting.attempt, Track.WEBCAM).rows == []


@pytest.mark.parametrize("path", ["microphone/1/1", "webcam/x/1", "webcam/1/-1", "webcam/1/99999999999"])
def test_a_place_that_does_not_exist_is_refused(door: Door, sitting: Sitting, path: str) -> None:
    """issue 2, bad input: unknown tracks and numbers."""
    first = clips.webcam()[1]
    reply = door.put(f"/live/v1/media/{path}", content=first.content, headers=headers(sitting, first))
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_input")


def test_garbage_is_refused_with_a_sentence(door: Door, sitting: Sitting) -> None:
    """issue 2, bad input: garbage bytes with a right checksum are no recording."""
    init, first, *_ = clips.webcam()
    put(door, sitting, init)
    garbage = Made(1, b"\0\0\0\x08moof" + bytes(500), first.t_ms, first.d_ms, True)
    assert put(door, sitting, garbage) == (400, "bad_input")
    assert put(door, sitting, Made(0, b"<html></html>", 0, 0, False)) == (400, "bad_input")


def test_an_oversized_body_is_413(door: Door, sitting: Sitting) -> None:
    """issue 2, bad input: oversized segments are refused while they arrive."""
    first = clips.webcam()[1]
    big = Made(1, bytes(4 * 1024 * 1024 + 1), first.t_ms, first.d_ms, True)
    assert put(door, sitting, big) == (413, "too_large")


def test_a_fragment_before_its_init_is_to_be_sent_again(door: Door, sitting: Sitting) -> None:
    """COMMON "Live wire": 503 means keep it and send it again."""
    init, first, *_ = clips.webcam()
    assert put(door, sitting, first) == (503, "unavailable")
    assert put(door, sitting, init) == (201, "")
    assert put(door, sitting, first) == (201, "")


def test_a_full_disk_is_507_and_the_same_segment_is_taken_later(door: Door, sitting: Sitting, reels: DiskReels) -> None:
    """issue 2, faults: disk full while writing a reel."""
    init, first, *_ = clips.webcam()
    put(door, sitting, init)
    use(FullReels(reels))
    assert put(door, sitting, first) == (507, "storage_full")
    use(reels)
    assert put(door, sitting, first) == (201, "")


def test_a_token_that_expired_while_the_client_was_away_still_brings_evidence(
    door: Door, sitting: Sitting, clock: SetClock
) -> None:
    """product.md §8.9: kept media are uploaded up to 48 h later; after that nobody is let in by an old token."""
    init, first, *_ = clips.webcam()
    authorization = f"Bearer {sitting.token}"
    clock.forward(s=47 * 3600)
    assert put(door, sitting, init, authorization=authorization) == (201, "")
    clock.forward(s=2 * 3600)
    assert put(door, sitting, first, authorization=authorization) == (401, "not_signed_in")


def manifest(door: Door, sitting: Sitting, body: object) -> tuple[int, dict[str, object]]:
    reply = door.post("/live/v1/media/manifest", json=body, headers={"authorization": f"Bearer {sitting.token}"})
    return reply.status_code, reply.json()


def test_the_manifests_answer_names_what_is_missing(door: Door, sitting: Sitting) -> None:
    """product.md §2.8: the client's manifest tells what is missing."""
    init, *made = clips.webcam()
    for one in (init, made[0], made[3]):
        put(door, sitting, one)
    tracks = [{"track": "webcam", "media_epoch": 1, "last_seq": 5, "ended": True}]
    status, told = manifest(door, sitting, {"tracks": tracks, "gaps": []})
    assert (status, told["missing"]) == (200, [{"track": "webcam", "media_epoch": 1, "seqs": [2, 3, 5]}])
    for one in (made[1], made[2], made[4]):
        put(door, sitting, one)
    assert manifest(door, sitting, {"tracks": tracks, "gaps": []})[1]["missing"] == []
    assert coverage(sitting.attempt).state is SessionState.RECORDING


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"tracks": [], "gaps": [], "more": 1}, "unknown_field"),
        ({"tracks": [{"track": "ear", "media_epoch": 1, "last_seq": 1, "ended": True}], "gaps": []}, "bad_input"),
        ({"tracks": [{"track": "webcam", "media_epoch": 1, "last_seq": -1, "ended": True}], "gaps": []}, "bad_input"),
        ({"tracks": [], "gaps": [{"track": "webcam", "from_ms": 0, "to_ms": 9, "cause": "boredom"}]}, "bad_input"),
        ([], "bad_input"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(door: Door, sitting: Sitting, body: object, code: str) -> None:
    """issue 2, bad input: unknown wire fields."""
    status, told = manifest(door, sitting, body)
    assert (status, told["code"]) == (400, code)


def test_an_exams_manifests_name_so_many_recorders_and_no_more(door: Door, sitting: Sitting) -> None:
    """Issue 2, bad input: a client cannot fill the index with names; what was recorded may always be named."""

    def told(*epochs: int) -> tuple[int, object]:
        tracks = [{"track": "webcam", "media_epoch": n, "last_seq": 0, "ended": True} for n in epochs]
        status, answer = manifest(door, sitting, {"tracks": tracks, "gaps": []})
        return status, answer.get("fields")

    assert told(*range(1, MAX_EPOCHS + 1)) == (200, None)
    status, fields = told(1, MAX_EPOCHS + 1)
    assert (status, list(fields)) == (400, ["tracks"])  # type: ignore[call-overload]
    assert f"at most {MAX_EPOCHS} media epochs" in str(fields)
    assert told(*range(MAX_EPOCHS + 1))[0] == 400
    sitting.keep(*clips.webcam(2), epoch=MAX_EPOCHS + 1)
    assert told(1, MAX_EPOCHS + 1) == (200, None)


def test_a_manifest_needs_a_token(door: Door) -> None:
    """issue 2, bad input: forged or absent token."""
    assert door.post("/live/v1/media/manifest", json={"tracks": [], "gaps": []}).status_code == 401
