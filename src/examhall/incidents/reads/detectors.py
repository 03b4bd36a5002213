"""The detectors of this installation: their papers, whether they can run, and which are switched off (S9)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from examhall.base import clock
from examhall.base.settings import settings
from examhall.base.words import IncidentKind, Permission
from examhall.incidents import own, store
from examhall.incidents.access.rules import switches
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.own import OwnRefused, OwnSpec
from examhall.incidents.detectors.pipeline import CARDS, OBJECT_KINDS
from examhall.incidents.reads.off import Unseen, thrown_now
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.levels import TABLE_VERSION
from examhall.incidents.rules.off import SWITCHABLE, Switch
from examhall.people.access import required
from examhall.people.reads.people import root_unit, unit_path
from examhall.people.rules.actor import Actor

_SHOWN_PAST = 50
_LACKS = {store.Presence.ABSENT: "not installed", store.Presence.ALTERED: "not the expected file"}
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
class ModelLine:
    """One model as the papers name it."""

    name: str
    source: str
    licence: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DetectorRow:
    card: Card
    models: tuple[ModelLine, ...]
    missing: tuple[str, ...]
    """Why it cannot run at all: what is wrong with its models, each by name."""
    refused: str
    """Or what is wrong with the operator's own model that was to take its place."""
    kinds: tuple[KindRow, ...]


@dataclass(frozen=True, slots=True)
class DetectorsPage:
    detectors: tuple[DetectorRow, ...]
    off_now: int
    unavailable: int
    """Kinds that nobody switched off and that cannot be looked for all the same."""
    past: tuple[tuple[str, Switch], ...]
    """Switches taken back with the title of their kind, the last one first."""
    table_version: str


def detectors_page(actor: Actor) -> DetectorsPage:
    """Raises NotAllowed unless this person manages the site's proctoring."""
    required(actor, Permission.PROCTORING_ACTIVATE, unit_path(root_unit()))
    thrown = {kind: one for one in thrown_now(clock.now()) for kind in one.kinds}
    statuses = store.status(settings().models_root)
    past = sorted((one for one in switches() if one.on_at), key=lambda one: one.on_at or one.off_at, reverse=True)
    theirs = own.described(settings().models_root)
    rows = [_row(card, statuses, thrown, theirs) for card in (*CARDS, CLIENT)]
    if isinstance(theirs, OwnSpec):
        model = ModelLine(theirs.name, theirs.source, theirs.licence, theirs.sha256)
        own_row = DetectorRow(theirs.card, (model,), (), "", _kinds(theirs.kinds, thrown))
        rows = [*rows[:-1], own_row, rows[-1]]
    unable = [row for row in rows if row.missing or row.refused]
    return DetectorsPage(
        detectors=tuple(row for row in rows if row.kinds or not row.card.kinds),
        off_now=len(thrown),
        unavailable=sum(one.off is None for row in unable for one in row.kinds),
        past=tuple((SHOWN[one.kind].title, one) for one in past[:_SHOWN_PAST]),
        table_version=TABLE_VERSION,
    )


def _row(
    card: Card,
    statuses: Sequence[store.ModelStatus],
    thrown: Mapping[IncidentKind, Unseen],
    theirs: OwnSpec | OwnRefused | None,
) -> DetectorRow:
    mine = [one for one in statuses if one.model.name in card.models]
    models = (one.model for one in mine)
    taken = theirs.kinds if isinstance(theirs, OwnSpec) else frozenset()
    return DetectorRow(
        card=card,
        models=tuple(ModelLine(m.name, f"{m.package} {m.version}", m.licence, m.sha256) for m in models),
        missing=tuple(
            f"{one.model.name} ({one.model.file}) is {_LACKS[one.presence]}" for one in mine if one.presence in _LACKS
        ),
        refused=theirs.message if isinstance(theirs, OwnRefused) and card.kinds <= OBJECT_KINDS else "",
        kinds=_kinds(card.kinds - taken, thrown),
    )


def _kinds(kinds: Collection[IncidentKind], thrown: Mapping[IncidentKind, Unseen]) -> tuple[KindRow, ...]:
    listed = (kind for kind in IncidentKind if kind in kinds and kind in SWITCHABLE)
    return tuple(KindRow(kind, SHOWN[kind].title, thrown.get(kind)) for kind in listed)
