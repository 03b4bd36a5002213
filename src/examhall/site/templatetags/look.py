"""Tags and filters for the parts of the look that carry meaning, so that no page can leave the word or the name out.

Listed with examples in docs/reference/look.md. What is only layout (panel, row, stack) is plain HTML with classes.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from examhall.base import clock as base_clock
from examhall.base.words import (
    AttemptState,
    IncidentFamily,
    IncidentState,
    RegistrationState,
    ScheduleState,
    SessionState,
)
from examhall.site import look

register = template.Library()

_NONE = "\u2013"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOTE_ICONS: Mapping[str, str] = {
    "": "info",
    "ok": "circle-check",
    "attention": "triangle-alert",
    "incident": "flag",
    "paused": "circle-pause",
    "offline": "wifi-off",
    "stopped": "octagon-x",
    "neutral": "info",
}
_MESSAGE_TONES: Mapping[str, str] = {"success": "ok", "warning": "attention", "error": "stopped"}


# icons


@register.simple_tag
def icon(name: str, label: str = "", classes: str = "") -> SafeString:
    """An icon of the sprite. Decorative (hidden from screen readers) unless `label` names what it says by itself."""
    return _icon(name, label, classes)


@lru_cache(maxsize=2048)
def _icon(name: str, label: str, classes: str) -> SafeString:
    """Kept, because a table of five hundred rows draws thousands of the same."""
    names = f"i {classes}".strip()
    href = f"{static('build/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', names, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', names, href)


@register.inclusion_tag("look/mark.html")
def mark() -> dict[str, str]:
    """The brand mark: two nested arches on a tile."""
    return {}


@register.inclusion_tag("look/patterns.svg")
def family_patterns() -> dict[str, str]:
    """The ten patterns as `<pattern id="pt-…">`, once per page that draws a timeline."""
    return {}


# states


def badge(sign: look.Sign, *, quiet: bool, detail: str) -> SafeString:
    """Icon, word and tone of `sign`; `quiet` takes the tint from calm states (tables)."""
    classes = f"st {sign.tone} flat" if quiet and sign.tone in look.CALM else f"st {sign.tone}"
    words = f"{sign.word} {detail}".strip()
    return format_html('<span class="{}">{}{}</span>', classes, icon(sign.icon), words)


@register.simple_tag
def state(value: AttemptState | str | None, quiet: bool = False, detail: str = "") -> SafeString:  # noqa: FBT001
    """The state of an attempt; no attempt (None or empty) reads "Not started"."""
    sign = look.ATTEMPT[AttemptState(value)] if value else look.NOT_STARTED
    return badge(sign, quiet=quiet, detail=detail)


@register.simple_tag
def schedule_state(value: ScheduleState | str, quiet: bool = False) -> SafeString:  # noqa: FBT001
    return badge(look.SCHEDULE[ScheduleState(value)], quiet=quiet, detail="")


@register.simple_tag
def registration_state(value: RegistrationState | str, quiet: bool = False) -> SafeString:  # noqa: FBT001
    return badge(look.REGISTRATION[RegistrationState(value)], quiet=quiet, detail="")


@register.simple_tag
def session_state(value: SessionState | str, quiet: bool = False) -> SafeString:  # noqa: FBT001
    return badge(look.SESSION[SessionState(value)], quiet=quiet, detail="")


@register.simple_tag
def incident_state(value: IncidentState | str, quiet: bool = True) -> SafeString:  # noqa: FBT001
    """The state of an incident: flat in lists (also when confirmed), tinted with `quiet=False`."""
    sign = look.INCIDENT[IncidentState(value)]
    if quiet:
        return format_html('<span class="st {} flat">{}{}</span>', sign.tone, icon(sign.icon), sign.word)
    return badge(sign, quiet=False, detail="")


@register.simple_tag
def connection(value: look.Connection | str, detail: str = "") -> SafeString:
    """How the client is heard, always flat; `detail` such as "0:17" follows the word."""
    sign = look.CONNECTION[look.Connection(value)]
    words = f"{sign.word} {detail}".strip()
    return format_html('<span class="st {} flat">{}{}</span>', sign.tone, icon(sign.icon), words)


@register.simple_tag
def camera(value: look.Camera | str, count: int = 0) -> SafeString:
    """The camera icon of a candidate (R-0.29): an icon with a name, and the number of unreviewed incidents if any."""
    sign = look.CAMERA[look.Camera(value)]
    name = f"{sign.word}: {count}" if count else sign.word
    number = format_html('<span class="count hot" aria-hidden="true">{}</span>', count) if count else ""
    return format_html('<span class="row nw {} ink">{}{}</span>', sign.tone, icon(sign.icon, name), number)


# incident families


@register.simple_tag
def family(value: IncidentFamily | str) -> SafeString:
    """Swatch (colour and pattern) and name of an incident family, as the lanes of the timeline show it."""
    kind = look.FAMILY[IncidentFamily(value)]
    swatch = format_html(
        '<svg class="sw" aria-hidden="true"><use href="{}#sw-{}"/></svg>', static("build/icons.svg"), kind.css[2:]
    )
    return format_html('<span class="fam {}">{}{}</span>', kind.css, swatch, kind.word)


@register.simple_tag
def family_icon(value: IncidentFamily | str, text: str = "") -> SafeString:
    """The family's icon in its colour, with `text` (what was seen) instead of the family's name when given."""
    kind = look.FAMILY[IncidentFamily(value)]
    return format_html('<span class="fam {}">{}{}</span>', kind.css, icon(kind.icon), text or kind.word)


@register.filter
def family_class(value: IncidentFamily | str) -> str:
    return look.FAMILY[IncidentFamily(value)].css


# blocks


@register.simple_block_tag
def note(content: str, tone: str = "", name: str = "", classes: str = "") -> SafeString:
    """A tinted sentence with an icon and at most one action. `tone`: one of the seven, or empty for information."""
    names = f"note {tone} {classes}".replace("  ", " ").strip()
    return format_html('<div class="{}">{}<div>{}</div></div>', names, icon(name or _NOTE_ICONS[tone]), content)


@register.simple_block_tag
def nothing(content: str, title: str, name: str = "inbox", level: int = 2) -> SafeString:
    """Nothing here: `title` says what is missing, the content when it is expected and the one button that helps."""
    return format_html('<div class="empty">{}<h{}>{}</h{}>{}</div>', icon(name), level, title, level, content)


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: str,
    ident: str,
    title: str,
    action: str,
    verb: str,
    reason: str = "",
    grave: bool = False,  # noqa: FBT001
) -> SafeString:
    """A dialog that asks before an act. Opened by `<button data-dialog-open="ident">`.

    `reason`: label of the required reason field, empty for none (posted as `reason`). `grave`: the act cannot be
    taken back, so its button is an outline and the focus starts on Cancel.
    """
    inside = {
        "content": content,
        "ident": ident,
        "title": title,
        "action": action,
        "verb": verb,
        "reason": reason,
        "grave": grave,
        "csrf_token": context.get("csrf_token"),
    }
    return mark_safe(render_to_string("look/confirm.html", inside))  # noqa: S308 - our own template


@register.filter
def message_tone(tags: str) -> str:
    """The tone of a Django message."""
    return next((tone for tag, tone in _MESSAGE_TONES.items() if tag in tags.split()), "")


@register.simple_tag
def message_icon(tone: str) -> SafeString:
    return icon(_NOTE_ICONS[tone])


# forms and tables


@register.inclusion_tag("look/field.html")
def field(bound: BoundField, classes: str = "", autocomplete: str = "") -> dict[str, Any]:
    """A form field: label above, control, help below, errors below that in words with an icon."""
    widget = bound.field.widget
    many = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    box = isinstance(widget, CheckboxInput)
    attrs: dict[str, str | bool] = {} if many or box else {"class": f"input {classes}".strip()}
    if autocomplete:
        attrs["autocomplete"] = autocomplete
    if widget.attrs.get("placeholder"):
        attrs["placeholder"] = ""  # it only repeats the label: look/README §4 wants the label above, always visible
    described = _described_by(bound)
    if described:
        attrs["aria-describedby"] = described
    return {"field": bound, "control": bound.as_widget(attrs=attrs), "many": many, "box": box, "described": described}


@register.simple_tag
def control(bound: BoundField, saved: str = "") -> SafeString:
    """A control alone, for a page that writes its label elsewhere; `data-saved` is the value before any change."""
    attrs: dict[str, str | bool] = {"data-saved": saved}
    if not isinstance(bound.field.widget, CheckboxInput):
        attrs["class"] = "input sm"
    if bound.errors:
        attrs |= {"aria-describedby": f"{bound.auto_id}_error"}
    return bound.as_widget(attrs=attrs)


def _described_by(bound: BoundField) -> str:
    if not bound.auto_id:
        return ""
    ids = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    return " ".join([*ids, *([f"{bound.auto_id}_error"] if bound.errors else [])])


@register.inclusion_tag("look/sort_header.html", takes_context=True)
def sort_header(context: Context, label: str, key: str, classes: str = "") -> dict[str, Any]:
    """A column head that sorts: `?sort=key` or `?sort=-key`, other parameters kept, order told by `aria-sort`."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    query["sort"] = f"-{key}" if now == key else key
    query.pop("page", None)
    order = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    return {"label": label, "address": f"?{query.urlencode()}", "order": order, "classes": classes}


@register.inclusion_tag("look/pager.html", takes_context=True)
def pager(
    context: Context, page: Page[Any], noun: str, earlier: str = "Previous", later: str = "Next"
) -> dict[str, Any]:
    """Where one is in a Django `Page` of `noun`, and the two ways on."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    lead = f"{query.urlencode()}&" if query else ""
    return {"page": page, "noun": noun, "lead": lead, "earlier": earlier, "later": later}


# text, names, times


@register.filter(needs_autoescape=True)
def wide_script(text: object, autoescape: bool = True) -> SafeString:  # noqa: FBT001
    """Put each word with a letter missing in the first font into the wide one, whole: no word mixes two fonts."""
    pieces = re.split(r"(\s+)", str(text))
    return mark_safe("".join(_wide_word(piece) for piece in pieces))  # noqa: S308 - each piece is escaped


def _wide_word(piece: str) -> str:
    if look.needs_wide_font(piece):
        return format_html('<span class="wide-script">{}</span>', piece)
    return conditional_escape(piece)


@register.filter
def initials(name: object) -> str:
    """First letters of the first and last word: "Amara Okonkwo" is AO."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter(expects_localtime=True)
def clock(at: datetime | None) -> str:
    """`10:42:51`; a dash for no time. The zone stands once per page."""
    return at.strftime("%H:%M:%S") if at else _NONE


@register.filter(expects_localtime=True)
def clock_ms(at: datetime | None) -> str:
    """`10:42:51.377`, as the candidate log shows it."""
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03}" if at else _NONE


@register.filter(expects_localtime=True)
def hour(at: datetime | None) -> str:
    """`10:42`."""
    return at.strftime("%H:%M") if at else _NONE


@register.filter(expects_localtime=True)
def day(at: date | datetime | None) -> str:
    """`21 Nov 2026`; a dash for no day."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}" if at else _NONE


@register.filter(expects_localtime=True)
def zone_name(at: datetime) -> str:
    """The zone of a moment in the page's zone: `CET (UTC+0100)`, `UTC+0400` where it has no letters, `UTC` alone."""
    name, offset = at.tzname() or "", f"UTC{at:%z}"
    if name == "UTC":
        return name
    return f"{name} ({offset})" if name.isalpha() else offset


@register.filter
def duration(length: timedelta | float | None) -> str:
    """Seconds or a timedelta in words: `14 s`, `2 min 5 s`, `1 h 36 min`; a dash for none."""
    if length is None:
        return _NONE
    return look.duration_words(length.total_seconds() if isinstance(length, timedelta) else float(length))


@register.filter
def countdown(length: timedelta | float | None) -> str:
    """Seconds or a timedelta in figures: `57:09`, `1:38:45`; a dash for none."""
    if length is None:
        return _NONE
    return look.countdown_figures(length.total_seconds() if isinstance(length, timedelta) else float(length))


@register.simple_tag
def server_clock(zone: str = "") -> SafeString:
    """The server's time, where the page has one in its `zone`; client/src/pages/site.ts lets it run."""
    at = timezone.localtime(base_clock.now(), ZoneInfo(zone) if zone else None)
    words = f"{at.day} {_MONTHS[at.month - 1]}, {at:%H:%M:%S}"
    return format_html(
        '<time class="nowrap" data-server-clock data-offset-min="{}" data-zone="{}" datetime="{}">{} {}</time>',
        round((at.utcoffset() or timedelta()).total_seconds() / 60),
        at.tzname() or "UTC",
        at.isoformat(timespec="milliseconds"),
        words,
        at.tzname() or "UTC",
    )


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> SafeString:
    """`data-theme="light"` or `"dark"` when the person chose one; otherwise the system decides.

    Of somebody signed in the account decides (`theme` of the frame), before that the cookie `theme` of this browser.
    """
    request = context.get("request")
    signed_in = context.get("user") is not None and context["user"].is_authenticated
    cookie = request.COOKIES.get("theme", "") if request else ""
    chosen = context.get("theme", "") if signed_in else cookie
    return format_html('data-theme="{}"', chosen) if chosen in ("light", "dark") else SafeString("")
