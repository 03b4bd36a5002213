"""The detectors of this installation: their papers, whether they can run, and which are switched off (S9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from examhall.base import clock
from examhall.base.settings import settings
from examhall.base.words import IncidentKind, Permission
from examhall.incidents import store
from examhall.incidents.access.rules import switches
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.pipeline import CARDS
from examhall.incidents.reads.off import Unseen, thrown_now
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.levels import TABLE_VERSION
from examhall.incidents.rules.off import SWITCHABLE, Switch
from examhall.people.access import required
from examhall.people.reads.people import root_unit, unit_path
from examhall.people.rules.actor import Actor

_SHOWN_PAST = 50
CLIENT = Card(
    name="client",
    version="1",
    kinds=SWITCHABLE - {kind for card in CARDS for kind in card.kinds},
    models=(),
    looks_at="what the candidate's own page and connection report",
    measures="moments, and spans between leaving and coming back",
    fails_when="a changed page can keep silent; what the browser does not tell is not seen",
)
"""The page of the exam is a witness like the detectors, and has papers like theirs."""


@dataclass(frozen=True, slots=True)
class KindRow:
    kind: IncidentKind
    title: str
    off: Unseen | None


@dataclass(frozen=True, slots=True)
class DetectorRow:
    card: Card
    models: tuple[store.Model, ...]
    missing: tuple[str, ...]
    """Why it cannot run at all: the files of models that are not there or not whole."""
    kinds: tuple[KindRow, ...]


@dataclass(frozen=True, slots=True)
class DetectorsPage:
    detectors: tuple[DetectorRow, ...]
    off_now: int
    past: tuple[tuple[str, Switch], ...]
    """Switches taken back with the title of their kind, the last one first."""
    table_version: str


def detectors_page(actor: Actor) -> DetectorsPage:
    """Raises NotAllowed unless this person manages the site's proctoring."""
    required(actor, Permission.PROCTORING_ACTIVATE, unit_path(root_unit()))
    thrown = {kind: one for one in thrown_now(clock.now()) for kind in one.kinds}
    statuses = store.status(settings().models_root)
    past = sorted((one for one in switches() if one.on_at), key=lambda one: one.on_at or one.off_at, reverse=True)
    return DetectorsPage(
        detectors=tuple(_row(card, statuses, thrown) for card in (*CARDS, CLIENT)),
        off_now=len(thrown),
        past=tuple((SHOWN[one.kind].title, one) for one in past[:_SHOWN_PAST]),
        table_version=TABLE_VERSION,
    )


def _row(card: Card, statuses: Sequence[store.ModelStatus], thrown: dict[IncidentKind, Unseen]) -> DetectorRow:
    mine = [one for one in statuses if one.model.name in card.models]
    return DetectorRow(
        card=card,
        models=tuple(one.model for one in mine),
        missing=tuple(one.model.file for one in mine if one.presence is not store.Presence.READY),
        kinds=tuple(
            KindRow(kind, SHOWN[kind].title, thrown.get(kind))
            for kind in IncidentKind
            if kind in card.kinds & SWITCHABLE
        ),
    )
