"""The rules one session is judged by: its frozen policy, its candidate's accommodations, the site's switches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Q

from examhall.base.words import Accommodation, IncidentKind, Leniency
from examhall.exam.access.policy import policy_for
from examhall.exam.rules.accommodation import detections_off, expected_people
from examhall.exam.rules.screen_words import words_of
from examhall.incidents.detectors.screen import ScreenWords
from examhall.incidents.models import DetectorSwitch
from examhall.incidents.rules.agreed import agreed_rules
from examhall.incidents.rules.levels import RuleSet
from examhall.incidents.rules.off import Switch, off_throughout


class Session(Protocol):
    """An attempt, as far as the rules ask."""

    @property
    def activation(self) -> UUID: ...
    @property
    def accommodations(self) -> tuple[Accommodation, ...]: ...
    @property
    def entered_at(self) -> datetime: ...


def rules_of(
    session: Session,
    leniency: Leniency | None = None,
    *,
    switches: Sequence[Switch] = (),
    seen_share: float | None = None,
) -> RuleSet:
    """The rules of the policy that was frozen when the schedule was activated (P5), less what is off here.

    leniency: the levels of this preset instead, for a set to compare with.
    """
    policy = policy_for(session.activation, session.accommodations)
    words = session.accommodations
    off = off_throughout(switches, session.entered_at, accommodated=detections_off(words), seen_share=seen_share)
    return agreed_rules(policy, leniency, off=off, expected_people=expected_people(words))


def screen_words(session: Session) -> ScreenWords:
    """The words of the frozen policy that are looked for on the recorded screen."""
    said = policy_for(session.activation, session.accommodations).screen
    return ScreenWords(words_of(said.listed_words), words_of(said.expected_words))


def warns_live(session: Session) -> bool:
    """Whether candidates are told of the dark before anything is marked for it."""
    return policy_for(session.activation, session.accommodations).ui.warn_live


def switches(*, since: datetime | None = None) -> list[Switch]:
    """Oldest first; with `since` only those that were off then or later. One query."""
    rows = DetectorSwitch.objects.order_by("off_at", "kind")
    if since is not None:
        rows = rows.filter(Q(on_at__isnull=True) | Q(on_at__gt=since))
    return [
        Switch(
            id=row.id,
            kind=IncidentKind(row.kind),
            at_once=row.at_once,
            off_at=row.off_at,
            off_by=row.off_by,
            reason=row.reason,
            on_at=row.on_at,
            on_by=row.on_by,
            on_reason=row.on_reason,
        )
        for row in rows
    ]
