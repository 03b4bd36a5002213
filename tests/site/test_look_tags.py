"""The template tags: names for screen readers, escaping, times in words."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import AttemptState, IncidentFamily
from examhall.site import look

_AT = datetime(2026, 11, 21, 9, 42, 51, 377_000, tzinfo=UTC)


def _render(source: str, **context: object) -> str:
    return Template("{% load look %}" + source).render(Context(context))


def _get(address: str) -> HttpRequest:
    request = RequestFactory().get(address)
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize("state", list(AttemptState))
def test_every_attempt_state_is_written_in_words_beside_a_hidden_icon(state: AttemptState) -> None:
    """look/README §4: icon, word, tint."""
    sign = look.ATTEMPT[state]
    shown = _render("{% state value %}", value=state.value)
    assert f"</svg>{sign.word}</span>" in shown
    assert 'aria-hidden="true"' in shown
    assert f'class="st {sign.tone}"' in shown


def test_no_attempt_reads_not_started() -> None:
    """product.md I2: the states of the dashboard begin with "not started"."""
    assert "Not started" in _render("{% state value %}", value=None)


def test_in_tables_only_loud_states_keep_their_tint() -> None:
    """look/README §1: normal is quiet, colour is for what needs a person."""
    assert 'class="st ok flat"' in _render("{% state 'in_progress' quiet=True %}")
    assert 'class="st stopped"' in _render("{% state 'stopped' quiet=True %}")


def test_an_unknown_state_is_an_error_and_not_an_empty_cell() -> None:
    """house.md §6: enums, never strings; a wrong word does not pass silently."""
    with pytest.raises(ValueError, match="running"):
        _render("{% state 'running' %}")


@pytest.mark.parametrize("camera", list(look.Camera))
def test_every_camera_icon_has_a_text_alternative(camera: look.Camera) -> None:
    """R-0.29: the icon has a text alternative for each state."""
    assert f'role="img" aria-label="{look.CAMERA[camera].word}"' in _render("{% camera value %}", value=camera)


def test_the_camera_icon_says_how_many_incidents_are_unreviewed() -> None:
    """R-0.29: incidents unreviewed (count)."""
    shown = _render("{% camera 'unreviewed' 3 %}")
    assert "nobody has reviewed: 3" in shown
    assert '<span class="count hot" aria-hidden="true">3</span>' in shown


@pytest.mark.parametrize("family", list(IncidentFamily))
def test_every_family_shows_swatch_and_name(family: IncidentFamily) -> None:
    """look/README §3: hue + pattern + icon."""
    shown = _render("{% family value %}", value=family.value)
    assert f"#sw-{look.FAMILY[family].css[2:]}" in shown
    assert look.FAMILY[family].word in shown


@pytest.mark.parametrize(
    ("name", "wide"),
    [
        ("Łukasz Wiśniewski", []),
        ("Þórdís Guðmundsdóttir", []),
        ("Zeynep Y\u0131ld\u0131z", []),
        ("Ngọc Trần", ["Ngọc", "Trần"]),
        ("Anna Ελένη", ["Ελένη"]),
        ("Олена Коваль", ["Олена", "Коваль"]),
        ("Room 12 → 14", []),
    ],
)
def test_words_with_letters_the_first_font_lacks_change_font_whole(name: str, wide: list[str]) -> None:
    """look/README §3: a name never mixes two fonts within a word."""
    shown = _render("{{ name|wide_script }}", name=name)
    assert shown.count("wide-script") == len(wide)
    assert [word for word in wide if f'<span class="wide-script">{word}</span>' not in shown] == []


@given(st.text())
def test_wide_script_never_lets_markup_through(text: str) -> None:
    """design.md §10: what people wrote is text, whatever it holds."""
    shown = _render("{{ name|wide_script }}", name=text)
    without = shown.replace('<span class="wide-script">', "").replace("</span>", "")
    assert "<" not in without
    assert ">" not in without


def test_times_are_short_and_the_same_everywhere() -> None:
    """look/README §6: times `10:42:51`, dates `21 Nov 2026`."""
    assert _render("{{ at|clock }} {{ at|clock_ms }} {{ at|hour }} {{ at|day }}", at=_AT) == (
        "09:42:51 09:42:51.377 09:42 21 Nov 2026"
    )
    assert _render("{{ at|clock }}{{ at|day }}{{ s|duration }}{{ s|countdown }}", at=None, s=None) == "\u2013" * 4


@pytest.mark.parametrize(
    ("seconds", "words", "figures"),
    [
        (0, "0 s", "0:00"),
        (95, "95 s", "1:35"),
        (125, "2 min 5 s", "2:05"),
        (180, "3 min", "3:00"),
        (5400, "90 min", "1:30:00"),
        (5760, "1 h 36 min", "1:36:00"),
        (7200, "2 h", "2:00:00"),
        (-3, "0 s", "0:00"),
    ],
)
def test_lengths_read_as_in_speech_or_as_a_countdown(seconds: int, words: str, figures: str) -> None:
    """look/README §6: numbers say of what."""
    length = timedelta(seconds=seconds)
    assert _render("{{ length|duration }}|{{ length|countdown }}", length=length) == f"{words}|{figures}"


class _Form(forms.Form):
    limit = forms.IntegerField(label="Time limit", max_value=480, help_text="In minutes.")


def test_a_field_ties_its_help_and_its_error_to_the_control() -> None:
    """look/README §4: label above, help below, error in words with an icon."""
    shown = _render("{% field form.limit %}", form=_Form({"limit": "600"}))
    assert '<label for="id_limit">Time limit</label>' in shown
    assert 'aria-describedby="id_limit_helptext id_limit_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'id="id_limit_helptext">In minutes.' in shown
    assert '<p class="error" id="id_limit_error"><svg' in shown


def test_a_good_field_has_no_error() -> None:
    """look/README §4."""
    shown = _render("{% field form.limit %}", form=_Form({"limit": "90"}))
    assert "aria-invalid" not in shown
    assert "error" not in shown


def test_a_confirmation_names_its_act_and_asks_for_a_reason() -> None:
    """look/README §4: stop asks for a reason; what cannot be taken back is an outline and starts on Cancel."""
    shown = _render(
        '{% confirm ident="stop" title="Stop the exam of Amara Okonkwo?" action="/x" verb="Stop the exam" '
        'reason="Reason" grave=True %}'
        "{{ name }}{% endconfirm %}",
        name="<b>",
        csrf_token="t0ken",
    )
    assert 'name="csrfmiddlewaretoken" value="t0ken"' in shown
    assert '<dialog class="dialog" id="stop" aria-labelledby="stop-title">' in shown
    assert 'name="reason" rows="3" maxlength="500" required' in shown
    assert "data-dialog-close autofocus>Cancel" in shown
    assert '<button class="btn grave">Stop the exam</button>' in shown
    assert "&lt;b&gt;" in shown


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Europe/London", "GMT (UTC+0000)"),
        ("Europe/Helsinki", "EET (UTC+0200)"),
        ("Asia/Dubai", "UTC+0400"),
    ],
)
def test_a_zone_is_named_once_with_its_offset(zone: str, words: str) -> None:
    """look/README: a time without its zone is half a time, and "UTC (UTC+0000)" says nothing twice."""
    with timezone.override(zone):
        assert _render("{{ at|zone_name }}", at=_AT) == words


def test_a_sort_button_turns_the_order_and_keeps_the_filter() -> None:
    """look/README §4: sort button in the head with aria-sort."""
    source = '{% sort_header "Candidate" "name" %}'
    first = _render(source, request=_get("/?state=paused&page=3"))
    assert 'href="?state=paused&amp;sort=name"' in first
    assert "aria-sort" not in first
    second = _render(source, request=_get("/?sort=name"))
    assert 'aria-sort="ascending"' in second
    assert 'href="?sort=-name"' in second


def test_a_pager_says_where_one_is_and_keeps_the_filter() -> None:
    """look/README §6: numbers say of what."""
    shown = _render('{% pager page "entries" %}', request=_get("/?q=a&page=2"), page=Paginator(range(168), 26).page(2))
    assert "27 to 52 of 168 entries" in shown
    assert 'href="?q=a&amp;page=3"' in shown


@pytest.mark.parametrize(
    ("cookie", "written"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"'), ('"><script>', "")]
)
def test_before_sign_in_the_cookie_chooses_the_theme(cookie: str, written: str) -> None:
    """look/README §1: both themes are real; the system decides unless a person did."""
    request = SimpleNamespace(COOKIES={"theme": cookie})
    assert _render("{% theme_attribute %}", request=request, user=AnonymousUser()) == written


def test_signed_in_the_account_chooses_the_theme() -> None:
    """The choice follows the person to every computer."""
    request = SimpleNamespace(COOKIES={"theme": "light"})
    user = SimpleNamespace(is_authenticated=True)
    assert _render("{% theme_attribute %}", request=request, user=user, theme="dark") == 'data-theme="dark"'
    assert _render("{% theme_attribute %}", request=request, user=user, theme="") == ""


def test_the_clock_of_a_page_goes_by_the_zone_of_its_times() -> None:
    """design.md: an invigilator compares it with the times of the log beside it."""
    shown = _render("{% server_clock schedule.zone %}", schedule=SimpleNamespace(zone="Asia/Kolkata"))
    assert 'data-offset-min="330" data-zone="IST"' in shown
    assert 'data-zone="UTC"' in _render("{% server_clock schedule.zone %}")
