"""What a schedule would be frozen with now, and what its check-list looks at; asked by the action and by the page."""

from datetime import datetime

from examhall.base import clock
from examhall.base.words import InteractionKind, ScheduleMode
from examhall.exam.access.proctoring import proctoring_is_active
from examhall.exam.models import (
    Activation,
    InvigilatorAssignment,
    ProfileVersion,
    Registration,
    Schedule,
    VersionItem,
)
from examhall.exam.rules.policy_words import name_of
from examhall.exam.rules.presets import UNPROCTORED
from examhall.exam.rules.schedule import Facts
from examhall.exam.rules.snapshot import Layer, Origin, Snapshot, policy_of, resolve, settle, thaw
from examhall.people.reads.people import root_unit

_MAY_PAUSE = ("record.on_track_loss", "lock.full_screen_action", "conn.on_window_expired")


def newest_settings(schedule: Schedule) -> Snapshot:
    """The settings an activation of this moment would freeze (R-0.11, R-0.41)."""
    version = schedule.version
    site = ProfileVersion.objects.filter(unit_id=root_unit()).order_by("-number").first()
    layers = [Layer(Origin.SITE, site.values, site.number)] if site else []
    layers.append(Layer(Origin.ASSESSMENT, version.profile, version.number))
    if not version.use_proctoring:
        layers.append(Layer(Origin.ASSESSMENT, UNPROCTORED, version.number))
    layers.append(Layer(Origin.SCHEDULE, {**schedule.overrides, "live.mode": schedule.mode}))
    invigilated = InvigilatorAssignment.objects.filter(schedule=schedule).exists()
    return settle(resolve(layers), invigilated=invigilated)


def current_activation(schedule: Schedule) -> Activation | None:
    return Activation.objects.select_related("by").filter(schedule=schedule, ended_at__isnull=True).first()


def frozen_settings(activation: Activation) -> Snapshot:
    """The settings as agreed. Raises BadInput if the stored ones were altered."""
    return thaw(activation.policy)


def facts_of(schedule: Schedule, settings: Snapshot) -> Facts:
    """Everything the check-list looks at."""
    questions = VersionItem.objects.filter(version_id=schedule.version_id)
    unready = questions.filter(item_version__kind=InteractionKind.NEEDS_REVIEW).order_by("position")
    invigilators = InvigilatorAssignment.objects.filter(schedule=schedule).count()
    return Facts(
        mode=ScheduleMode(schedule.mode),
        use_proctoring=schedule.version.use_proctoring,
        version_is_live=schedule.version.live,
        version_number=schedule.version.number,
        questions=questions.count(),
        unready_questions=tuple(unready.values_list("item_version__item__title", flat=True)),
        candidates=Registration.objects.filter(schedule=schedule).exclude(state="withdrawn").count(),
        invigilators=invigilators,
        invigilator_target=policy_of(settings).live.ratio_target,
        opens_at=schedule.opens_at,
        deadline=schedule.deadline,
        duration_min=schedule.version.duration_min,
        now=clock.now(),
        proctoring_active=proctoring_is_active(),
        pausing_rules=tuple(name_of(key) for key in _MAY_PAUSE if settings.settings[key].value == "pause"),
    )


def closes_at(schedule: Schedule) -> datetime:
    """The latest moment anybody may still sit it (product.md §2.3: max of the registrations' hard ends)."""
    overrides = Registration.objects.filter(schedule=schedule, deadline_override__gt=schedule.deadline)
    latest = overrides.order_by("-deadline_override").first()
    return latest.deadline_override if latest and latest.deadline_override else schedule.deadline
