"""The forms of this wing: from fields to the values actions take. What is allowed is decided by rules, not here."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from examhall.base.errors import ExamhallError
from examhall.base.words import InteractionKind, Leniency, ScheduleMode
from examhall.base.zones import known_zones
from examhall.exam.access.proctoring import proctoring_is_active
from examhall.exam.actions.assessment import Options
from examhall.exam.actions.schedule import Plan
from examhall.exam.reads.assessment import AssessmentPage
from examhall.exam.reads.schedule import Schedulable, SchedulePage
from examhall.exam.rules.policy import Value
from examhall.exam.rules.qti_form import MAX_CHOICES, Choice, ItemForm
from examhall.people.reads.people import UnitRow

MODES = (
    (ScheduleMode.AUTOMATED.value, "Automated: recorded and analysed, reviewed afterwards"),
    (ScheduleMode.LIVE.value, "Live: invigilators watch while it runs"),
    (ScheduleMode.NONE.value, "None: no proctoring"),
)
_LOCAL = "%Y-%m-%dT%H:%M"
CHOICE_LINES = 6


def refuse(form: forms.Form, error: ExamhallError) -> None:
    """Show a refusal where it can be mended: at its fields, or above the form."""
    at = {name: remedy for name, remedy in error.fields.items() if name in form.fields}
    for name, remedy in at.items():
        form.add_error(name, remedy)
    if not at:
        form.add_error(None, error.message)


class OptionsForm(forms.Form):
    """Title and options of an assessment."""

    title = forms.CharField(max_length=300)
    duration_min = forms.IntegerField(
        label="Time per attempt, minutes", min_value=1, help_text="With proctoring at most 480 (8 hours)."
    )
    attempts_allowed = forms.IntegerField(
        label="Attempts", min_value=1, max_value=20, help_text="How often one candidate may sit it."
    )
    use_proctoring = forms.BooleanField(
        required=False,
        label="Use proctoring",
        help_text="Camera, microphone and screen can then be recorded; what exactly is set when it is scheduled.",
    )
    shuffle_items = forms.BooleanField(required=False, label="Questions in another order for each candidate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **kwargs)
        used = self.initial.get("use_proctoring") or proctoring_is_active()
        if not used:  # off until the site has activated it
            del self.fields["use_proctoring"]

    def options(self, profile: Mapping[str, Value] | None = None) -> Options:
        """profile: what the assessment already sets; it is kept."""
        given = self.cleaned_data
        return Options(
            duration_min=given["duration_min"],
            attempts_allowed=given["attempts_allowed"],
            use_proctoring=given.get("use_proctoring", False),
            shuffle_items=given["shuffle_items"],
            profile=profile or {},
        )


def options_form(page: AssessmentPage, posted: Mapping[str, Any] | None = None) -> OptionsForm:
    names = ("title", "duration_min", "attempts_allowed", "use_proctoring", "shuffle_items")
    return OptionsForm(posted, initial={name: getattr(page, name) for name in names})


class NewAssessmentForm(OptionsForm):
    unit = forms.ChoiceField(label="Unit")
    code = forms.CharField(max_length=32, help_text="Short and unique in the unit, such as PHA-202.")
    field_order = ("unit", "code", "title", "duration_min", "attempts_allowed", "use_proctoring", "shuffle_items")

    def __init__(self, posted: Mapping[str, Any] | None, *, units: list[UnitRow]) -> None:
        super().__init__(posted, initial={"duration_min": 60, "attempts_allowed": 1})
        field = self.fields["unit"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(unit.id), unit.name) for unit in units]


class PackageForm(forms.Form):
    package = forms.FileField(
        label="QTI package or item",
        help_text="A zip with a manifest, or one item as XML; QTI 3.0 or 2.x, up to 50 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.xml"}),
    )


class QuestionForm(forms.Form):
    """Every field any kind has; `kind_fields` leaves those of the kind."""

    title = forms.CharField(max_length=300, help_text="For staff and the navigator; candidates see it too.")
    prompt = forms.CharField(
        label="Question", widget=forms.Textarea(attrs={"rows": 5}), help_text="An empty line begins a new paragraph."
    )
    points = forms.CharField(max_length=12, initial="1")
    shuffle = forms.BooleanField(required=False, label="Choices in another order for each candidate")
    answers = forms.CharField(
        required=False,
        label="Accepted answers",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One in each line. Spaces at the ends and in a row do not count.",
    )
    case_sensitive = forms.BooleanField(required=False, label="Capital letters count")
    number = forms.CharField(required=False, max_length=40, label="Correct number")
    tolerance = forms.CharField(
        required=False, max_length=40, initial="0", help_text="How far from it is still right, in the same unit."
    )
    lines = forms.IntegerField(
        required=False, min_value=1, max_value=60, initial=8, label="Height of the answer box, lines"
    )
    choices = forms.CharField(required=False, widget=forms.HiddenInput, label="Choices")

    _OF_KIND: Mapping[InteractionKind, tuple[str, ...]] = {
        InteractionKind.SINGLE_CHOICE: ("shuffle", "choices"),
        InteractionKind.MULTIPLE_CHOICE: ("shuffle", "choices"),
        InteractionKind.SHORT_TEXT: ("answers", "case_sensitive"),
        InteractionKind.NUMBER: ("number", "tolerance"),
        InteractionKind.ESSAY: ("lines",),
    }

    def __init__(self, posted: Mapping[str, Any] | None, *, kind: InteractionKind) -> None:
        super().__init__(posted)
        self.kind = kind
        kept = ("title", "prompt", "points", *self._OF_KIND.get(kind, ()))
        self.fields = {name: field for name, field in self.fields.items() if name in kept}

    @property
    def has_choices(self) -> bool:
        return "choices" in self.fields

    def choice_lines(self) -> list[tuple[int, str, bool]]:
        """Number, text and whether it is right, of every line to show."""
        filled = [(number, *self._choice(number)) for number in range(1, MAX_CHOICES + 1)]
        last = max((number for number, text, _ in filled if text), default=0)
        return filled[: max(CHOICE_LINES, last)]

    def item(self) -> ItemForm:
        given = self.cleaned_data
        return ItemForm(
            kind=self.kind,
            title=given["title"],
            prompt=given["prompt"],
            points=given["points"],
            choices=tuple(Choice(text, right) for _, text, right in self.choice_lines() if text or right),
            shuffle=given.get("shuffle", False),
            answers=tuple(given.get("answers", "").splitlines()),
            case_sensitive=given.get("case_sensitive", False),
            number=given.get("number", ""),
            tolerance=given.get("tolerance", "") or "0",
            lines=given.get("lines") or 8,
        )

    def _choice(self, number: int) -> tuple[str, bool]:
        text = str(self.data.get(f"choice-{number}", "")).strip()
        if self.kind is InteractionKind.SINGLE_CHOICE:
            return text, self.data.get("right") == str(number)
        return text, f"right-{number}" in self.data


class ScheduleForm(forms.Form):
    """When and how; what differs from the profile is asked for where people differ most."""

    assessment = forms.ChoiceField()
    title = forms.CharField(max_length=300)
    zone = forms.ChoiceField(label="Time zone", choices=[(name, name) for name in sorted(known_zones())])
    opens_at = forms.DateTimeField(label="Opens", input_formats=[_LOCAL, _LOCAL + ":%S"])
    deadline = forms.DateTimeField(label="Closes", input_formats=[_LOCAL, _LOCAL + ":%S"])
    mode = forms.ChoiceField(label="Proctoring", choices=MODES, widget=forms.RadioSelect)
    leniency = forms.ChoiceField(
        required=False,
        label="Leniency",
        choices=[("", "As the profile says"), *((level.value, level.value.capitalize()) for level in Leniency)],
        help_text="How readily incidents are marked.",
    )
    audio = forms.ChoiceField(
        required=False,
        label="Record the microphone",
        choices=[("", "As the profile says"), ("yes", "Yes"), ("no", "No")],
    )
    reconnect_window_s = forms.IntegerField(
        required=False,
        label="Reconnect window, seconds",
        min_value=30,
        max_value=900,
        help_text="Empty = as the profile says.",
    )

    def __init__(
        self,
        posted: Mapping[str, Any] | None,
        *,
        choices: list[Schedulable],
        page: SchedulePage | None = None,
        zone: str = "UTC",
    ) -> None:
        super().__init__(posted, initial=_initial(page) if page else {"zone": zone, "mode": ScheduleMode.AUTOMATED})
        for name in ("opens_at", "deadline"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL)
        field = self.fields["assessment"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(choice.id), choice.label) for choice in choices]
        if page:
            del self.fields["assessment"]

    def plan(self, kept: Mapping[str, Value] | None = None) -> Plan:
        """kept: overrides this form does not show."""
        given = self.cleaned_data
        zone = ZoneInfo(given["zone"])
        shown: dict[str, Value | None] = {
            "leniency": given["leniency"] or None,
            "record.audio": {"yes": True, "no": False}.get(given["audio"]),
            "conn.reconnect_window_s": given["reconnect_window_s"],
        }
        overrides = {key: value for key, value in (kept or {}).items() if key not in shown}
        return Plan(
            title=given["title"],
            opens_at=_in_zone(given["opens_at"], zone),
            deadline=_in_zone(given["deadline"], zone),
            zone=given["zone"],
            mode=ScheduleMode(given["mode"]),
            overrides={**overrides, **{key: value for key, value in shown.items() if value is not None}},
        )


class CandidatesForm(forms.Form):
    file = forms.FileField(
        label="List of candidates",
        help_text="CSV with the columns name and login; also student_id, email, extra_time_min and accommodations.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt"}),
    )


class DeadlineForm(forms.Form):
    deadline = forms.DateTimeField(
        input_formats=[_LOCAL, _LOCAL + ":%S"],
        label="New closing time",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL),
    )

    def at(self, zone: str) -> datetime:
        return _in_zone(self.cleaned_data["deadline"], ZoneInfo(zone))


def _initial(page: SchedulePage) -> dict[str, Any]:
    zone = ZoneInfo(page.zone)
    audio = page.overrides.get("record.audio")
    return {
        "title": page.title,
        "zone": page.zone,
        "opens_at": page.opens_at.astimezone(zone).strftime(_LOCAL),
        "deadline": page.deadline.astimezone(zone).strftime(_LOCAL),
        "mode": page.mode.value,
        "leniency": page.overrides.get("leniency", ""),
        "audio": "" if audio is None else "yes" if audio else "no",
        "reconnect_window_s": page.overrides.get("conn.reconnect_window_s"),
    }


def _in_zone(at: datetime, zone: tzinfo) -> datetime:
    """What was typed is wall time in the schedule's zone, whatever zone the form read it in."""
    return at.replace(tzinfo=zone)
