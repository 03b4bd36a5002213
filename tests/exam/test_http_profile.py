"""Administration → Proctoring: who may, what is saved, what is refused and where."""

import re
from uuid import UUID

import pytest
from django.test import Client

from examhall.base.clock import SetClock
from examhall.base.words import EntryKind
from examhall.exam.actions.profile import save_site_profile
from examhall.exam.actions.schedule import activate
from examhall.exam.models import ProfileVersion
from examhall.exam.rules.policy_form import Kind, options, shown_values
from examhall.exam.rules.presets import PRESETS, Preset
from examhall.journal.reads import tail
from examhall.people.reads.people import site_stream
from tests.exam import build_content as build
from tests.exam.build_content import Faculty
from tests.exam.test_http_content import browser

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/proctoring/"
WORDS = "Separate them by commas: at most 20 short ones, each with three letters or figures in a row."


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


@pytest.fixture
def web(at: Faculty) -> Client:
    return browser(at.admin)


def typed(**changes: object) -> dict[str, str]:
    """The form as the page posts it with nothing saved yet, but for `changes` (dots as double underscores)."""
    given = {key: value for key, value in shown_values({}).items() if key in options()}
    given |= {key.replace("__", "."): value for key, value in changes.items()}  # type: ignore[misc]
    ticked = {key: "on" if value is True else str(value) for key, value in given.items() if value is not False}
    return {"seen_version": "0", "comment": "", **ticked}


def error_at(key: str, page: str) -> str:
    found = re.search(rf'id="id_{re.escape(key)}_error".*?<span>(.*?)</span>', page, re.DOTALL)
    return found[1] if found else ""


def test_a_saved_option_is_there_again_as_a_new_version(web: Client) -> None:
    """R-0.6, R-0.8: reloading shows the saved value; the number and the sentence of R-0.9 appear."""
    posted = typed(conn__reconnect_window_s=180, record__audio=False, detect__speech="high", comment="Longer window")
    saved = web.post(ADDRESS, posted, follow=True).content.decode()
    assert "Saved as version 1. It applies to exams scheduled from now on" in saved
    assert re.search(r'name="conn.reconnect_window_s" value="180"', saved)
    assert not re.search(r'name="record.audio"[^>]*checked', saved)
    row = ProfileVersion.objects.get()
    assert row.values == {"record.audio": False, "conn.reconnect_window_s": 180, "detect.speech": "high"}
    assert "Reconnect window: 120 s, now 180 s" in saved
    assert "Longer window" in saved


def test_a_save_is_kept_in_the_journal_of_the_site(web: Client, at: Faculty) -> None:
    """product.md P8: who changed what."""
    web.post(ADDRESS, typed(lock__one_screen=False))
    line = tail(site_stream(), kinds={EntryKind.PROFILE_SAVED})[-1]
    assert (line.actor_id, line.extra) == (at.admin.user_id, {"version": 1, "keys": ["lock.one_screen"]})


def test_schedules_before_a_save_keep_their_settings(web: Client, at: Faculty) -> None:
    """R-0.9, R-0.10: the frozen values stay; the schedule's page shows that newer ones exist."""
    schedule = build.drafted_schedule(at)
    activate(schedule, by=at.scheduler)
    web.post(ADDRESS, typed(conn__reconnect_window_s=300))
    page = browser(at.scheduler).get(f"/schedules/{schedule}/").content.decode()
    assert "Newer settings exist (version 1)" in page
    assert "never those already scheduled (1 now)" in web.get(ADDRESS).content.decode()


def test_each_option_has_its_help(web: Client) -> None:
    """R-0.7: meaning, needs, what the browser can enforce, consequence for the candidate; by keyboard (details)."""
    page = web.get(ADDRESS).content.decode()
    assert page.count('<details class="phelp">') == page.count("data-option") - page.count("[data-option]")
    assert page.count("<dt>Needs</dt>") == page.count("<dt>Candidate</dt>") == len(options())


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"conn__reconnect_window_s": 29}, "conn.reconnect_window_s", "Enter 30 to 900 s."),
        ({"conn__reconnect_window_s": "soon"}, "conn.reconnect_window_s", "Enter 30 to 900 s."),
        ({"screen__listed_words": "ab"}, "screen.listed_words", WORDS),
        ({"screen__listed_words": "ChatGPT,, ---"}, "screen.listed_words", WORDS),
        ({"screen__expected_words": ",".join(["exam"] * 21)}, "screen.expected_words", WORDS),
        ({"allow__sites": "Desmos,,"}, "allow.sites", WORDS),
        ({"live__ratio_target": ""}, "live.ratio_target", "Enter 1 to 60."),
        ({"lock__full_screen": "huge"}, "lock.full_screen", "Choose one of the list."),
        ({"detect__speech": "loud"}, "detect.speech", "Choose one of the list."),
    ],
)
def test_a_value_that_is_not_allowed_is_told_at_its_field(
    web: Client, changes: dict[str, object], key: str, said: str
) -> None:
    """issue 2, bad input: the field and the remedy; what was typed stays; nothing is saved."""
    refused = web.post(ADDRESS, typed(**changes, comment="kept"))
    assert (refused.status_code, error_at(key, refused.content.decode())) == (400, said)
    assert 'value="kept"' in refused.content.decode()
    assert not ProfileVersion.objects.exists()


def test_a_version_saved_meanwhile_is_not_overwritten(web: Client, at: Faculty) -> None:
    """product.md §2.1: no silent overwrite; what was typed stays."""
    save_site_profile({"conn.heartbeat_s": 6}, by=at.admin)
    refused = web.post(ADDRESS, typed(conn__reconnect_window_s=180))
    page = refused.content.decode()
    assert (refused.status_code, "Version 1 was saved meanwhile" in page) == (409, True)
    assert re.search(r'name="conn.reconnect_window_s" value="180"', page)
    assert ProfileVersion.objects.count() == 1


def test_nothing_changed_makes_no_version(web: Client) -> None:
    """R-0.8: a version is a change."""
    page = web.post(ADDRESS, typed(), follow=True).content.decode()
    assert "Nothing was changed, so no version was made." in page
    assert not ProfileVersion.objects.exists()


@pytest.mark.parametrize("preset", list(Preset))
def test_a_preset_fills_the_form_and_is_saved_as_it_is(web: Client, preset: Preset) -> None:
    """product.md §5.1: presets are starting points; the profile stores their values."""
    page = web.get(ADDRESS, {"preset": preset.value}).content.decode()
    assert "Nothing is saved yet." in page
    assert not ProfileVersion.objects.exists()
    shown = {**shown_values(PRESETS[preset])}
    changes = {key.replace(".", "__"): shown[key] for key in options()}
    web.post(ADDRESS, typed(**changes))
    stored = ProfileVersion.objects.first()
    kept = {key: value for key, value in PRESETS[preset].items() if value != shown_values({})[key]}
    assert (dict(stored.values) if stored else {}) == kept


def test_an_unknown_preset_is_refused(web: Client) -> None:
    """issue 2, bad input."""
    refused = web.get(ADDRESS, {"preset": "zebra"}, headers={"accept": "application/json"})
    assert (refused.status_code, "strict" in refused.json()["fields"]["preset"]) == (400, True)


def test_what_the_page_does_not_show_is_kept(web: Client, at: Faculty) -> None:
    """R-0.6: saving one option changes no other."""
    save_site_profile({"record.video_quality": "high"}, by=at.admin)
    web.post(ADDRESS, {**typed(conn__heartbeat_s=6), "seen_version": "1"})
    assert ProfileVersion.objects.get(number=2).values == {"record.video_quality": "high", "conn.heartbeat_s": 6}


def test_only_who_manages_the_site_opens_it(at: Faculty) -> None:
    """product.md §3.3: the site's default profile is the site administrator's; others are told which right it needs."""
    for somebody in (at.author, at.scheduler, at.invigilator):
        web = browser(somebody)
        refused = web.get(ADDRESS)
        assert (refused.status_code, "proctoring.activate" in refused.content.decode()) == (403, True)
        assert web.post(ADDRESS, typed(conn__heartbeat_s=6)).status_code == 403
        assert "Administration" not in web.get("/invigilation/").content.decode()
    assert not ProfileVersion.objects.exists()
    assert Client().get(ADDRESS).status_code == 302
    assert f'href="{ADDRESS}"' in browser(at.admin).get("/invigilation/").content.decode()


@pytest.mark.parametrize(("there", "goes"), [("/schedules/", "/schedules/"), ("https://evil.example/", ADDRESS)])
def test_saving_on_the_way_out_goes_on_but_never_to_another_site(web: Client, there: str, goes: str) -> None:
    """R-0.8: Save, Discard, Stay."""
    assert web.post(ADDRESS, {**typed(conn__heartbeat_s=6), "next": there}).headers["Location"] == goes


def test_every_option_has_a_kind_a_form_can_show() -> None:
    """R-0.6: what a value may be comes from the policy's own types."""
    shown = options()
    window = shown["conn.reconnect_window_s"]
    assert (window.kind, window.minimum, window.maximum, window.unit) == (Kind.WHOLE, 30, 900, "s")
    assert shown["detect.evidence_gap"].choices == (("off", "Off"), ("medium", "On"))
    assert shown["detect.speech"].choices[0] == ("", "By leniency")
    assert shown["detect.gaze_off"].choices[0] == ("off", "Off")
