"""Replay over HTTP: playlists and byte ranges for those who may see the recording, a blank wall for everybody else."""

import io
import re
from uuid import UUID, uuid4

import av
import pytest
from django.test import Client

from examhall.base.clock import SetClock
from examhall.base.words import EntryKind, Track
from examhall.journal.reads import entries_after
from examhall.media.actions.recording import TOLD_WITHIN, close_recording
from examhall.media.http.ranges import Unsatisfiable, byte_range
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles
from examhall.people.models import User
from examhall.people.rules.actor import Actor
from tests.media import clips
from tests.media.sitting import Sitting

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.media.urls")]


JSON = {"accept": "application/json"}


def browser(actor: Actor | None) -> Client:
    client = Client()
    if actor is not None:
        client.force_login(User.objects.get(id=str(actor.user_id)), backend="django.contrib.auth.backends.ModelBackend")
    return client


def playlist(client: Client, attempt: UUID, track: str = "webcam") -> tuple[int, str]:
    reply = client.get(f"/media/{attempt}/{track}.m3u8")
    return reply.status_code, reply.content.decode()


def addresses(text: str) -> list[tuple[int, int, str]]:
    """Length, offset and address of every entry."""
    found = re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)", text)
    return [(int(length), int(offset), address) for length, offset, address in found]


def test_a_reviewer_plays_a_finished_recording_by_byte_ranges(sitting: Sitting, clock: SetClock) -> None:
    """R-1.13: after submission all recordings are available; ranges of the stored bytes play in any player."""
    sitting.keep(*clips.screen(20), track=Track.SCREEN)
    sitting.begin()
    sitting.hand_in()
    clock.forward(s=TOLD_WITHIN.total_seconds())
    close_recording(sitting.attempt)
    client = browser(sitting.reviewer)
    status, text = playlist(client, sitting.attempt, "screen")
    assert (status, text.splitlines()[0], text.splitlines()[-1]) == (200, "#EXTM3U", "#EXT-X-ENDLIST")
    (head_length,) = map(int, re.findall(r'BYTERANGE="(\d+)@0"', text))
    pictures = 0
    for length, offset, address in addresses(text):
        head = client.get(address, headers={"range": f"bytes=0-{head_length - 1}"})
        part = client.get(address, headers={"range": f"bytes={offset}-{offset + length - 1}"})
        assert (head.status_code, part.status_code) == (206, 206)
        with av.open(io.BytesIO(head.getvalue() + part.getvalue()), "r") as file:
            pictures += len(list(file.decode(video=0)))
    assert pictures == 100


def test_a_running_recording_can_be_played_already(sitting: Sitting) -> None:
    """R-0.27: playable parts appear at once."""
    sitting.keep(*clips.webcam(24))
    status, text = playlist(browser(sitting.reviewer), sitting.attempt)
    assert status == 200
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in text
    assert len(addresses(text)) == 2


def test_answers_are_private_and_never_kept_by_a_cache(sitting: Sitting) -> None:
    """design.md §10: media only through authorised, short-lived, viewer-bound addresses."""
    sitting.keep(*clips.webcam(24))
    client = browser(sitting.reviewer)
    reply = client.get(f"/media/{sitting.attempt}/webcam.m3u8")
    whole = client.get(addresses(reply.content.decode())[0][2])
    assert reply.headers["Cache-Control"] == whole.headers["Cache-Control"] == "private, no-store"
    assert whole.status_code == 200
    assert whole.headers["Content-Type"] == "video/mp4"
    assert len(whole.getvalue()) == int(whole.headers["Content-Length"])


def test_a_range_behind_the_end_is_416_and_half_a_range_is_served(sitting: Sitting) -> None:
    """RFC 9110 §14: ranges as players ask for them."""
    sitting.keep(*clips.webcam(24))
    client = browser(sitting.reviewer)
    address = addresses(playlist(client, sitting.attempt)[1])[0][2]
    size = int(client.get(address).headers["Content-Length"])
    beyond = client.get(address, headers={"range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    tail = client.get(address, headers={"range": "bytes=-10"})
    assert (tail.status_code, tail.headers["Content-Range"]) == (206, f"bytes {size - 10}-{size - 1}/{size}")
    assert len(tail.getvalue()) == 10


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, 95)),
        ("bytes=90-500", (90, 10)),
        ("bytes=-500", (0, 100)),
        ("bytes=9-5", None),
        ("bytes=1-2,4-5", None),
        ("items=1-2", None),
        ("bytes=-", None),
    ],
)
def test_a_range_is_read_or_ignored(header: str, found: tuple[int, int] | None) -> None:
    """RFC 9110 §14.2: what is not understood is ignored."""
    assert byte_range(header, 100) == found


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0"])
def test_a_range_outside_cannot_be_satisfied(header: str) -> None:
    """RFC 9110 §15.5.17."""
    with pytest.raises(Unsatisfiable):
        byte_range(header, 100)


def test_the_candidate_and_staff_without_the_permission_see_what_an_absent_attempt_shows(
    sitting: Sitting, root: UUID
) -> None:
    """product.md §3.3: absent and forbidden look the same."""
    sitting.keep(*clips.webcam())
    viewer = add_person("logs-only", name="Log Viewer")
    grant_roles(viewer, unit=root, roles=["Log viewer", "Author"])
    stranger = actor_for_user(add_person("stranger", name="Stranger"))
    for actor in (sitting.candidate, actor_for_user(viewer), stranger):
        client = browser(actor)
        absent, forbidden = (client.get(f"/media/{at}/webcam.m3u8", headers=JSON) for at in (uuid4(), sitting.attempt))
        assert (forbidden.status_code, forbidden.content) == (absent.status_code, absent.content)
        assert forbidden.status_code == 404


def test_without_a_session_nothing_is_shown(sitting: Sitting) -> None:
    """design.md §10: no address works without being signed in."""
    sitting.keep(*clips.webcam(24))
    address = addresses(playlist(browser(sitting.reviewer), sitting.attempt)[1])[0][2]
    assert browser(None).get(address).status_code in {302, 401}
    assert browser(None).get(f"/media/{sitting.attempt}/webcam.m3u8").status_code in {302, 401}


def test_an_address_works_for_the_person_it_was_made_for_and_nobody_else(sitting: Sitting, root: UUID) -> None:
    """design.md §10: viewer-bound; another reviewer with the same rights must fetch a playlist of their own."""
    sitting.keep(*clips.webcam(24))
    address = addresses(playlist(browser(sitting.reviewer), sitting.attempt)[1])[0][2]
    other_id = add_person("second", name="Second Reviewer")
    grant_roles(other_id, unit=root, roles=["Senior reviewer"])
    other = browser(actor_for_user(other_id))
    assert other.get(address).status_code == 404
    assert other.get(address.split("?")[0]).status_code == 404
    assert browser(sitting.reviewer).get(address[:-2] + "xx").status_code == 404


def test_opening_a_recording_is_an_audit_entry_once_an_hour(sitting: Sitting, clock: SetClock) -> None:
    """product.md P8: every look at a person is logged; a player asking again is the same look."""
    sitting.keep(*clips.webcam())
    client = browser(sitting.reviewer)
    for _ in range(3):
        playlist(client, sitting.attempt)
        playlist(client, sitting.attempt, "screen")
        clock.forward(s=60)
    clock.forward(s=3600)
    playlist(client, sitting.attempt)
    lines = [line for line in entries_after(sitting.ref.schedule_stream, 0) if line.kind is EntryKind.RECORDING_VIEWED]
    assert [(line.actor_name, line.extra["attempt"]) for line in lines] == [("Henrik Aalto", str(sitting.attempt))] * 2


def test_unknown_tracks_and_epochs_are_404(sitting: Sitting) -> None:
    """issue 2, bad input: no such thing."""
    sitting.keep(*clips.webcam(24))
    client = browser(sitting.reviewer)
    address = addresses(playlist(client, sitting.attempt)[1])[0][2]
    assert playlist(client, sitting.attempt, "microphone")[0] == 404
    assert client.get(address.replace("/1.mp4", "/9.mp4")).status_code == 404
    assert client.post(f"/media/{sitting.attempt}/webcam.m3u8").status_code == 405
