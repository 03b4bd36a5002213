"""Which program and which models an incident goes back to, by version and hash."""

import hashlib
from functools import cache
from importlib.resources import files

from examhall.incidents import store
from examhall.incidents.detectors.own import OwnSpec
from examhall.incidents.detectors.pipeline import CARDS
from examhall.incidents.rules.found import Paper

_JUDGES = ("examhall.incidents.detectors", "examhall.incidents.rules")
"""Whatever measures and judges; a change of one letter in it changes the hash."""


@cache
def papers(detector: str, own: OwnSpec | None = None) -> tuple[Paper, ...]:
    """detector: its mark, such as "faces 2", or who else reported ("client 1"). First the program, then its models.

    own: the operator's own object detector, where there is one.
    """
    name, _, version = detector.rpartition(" ")
    if own is not None and own.card.mark == detector:
        return Paper(f"Detector {name}", version, _program()), Paper(f"Model {own.name}", own.source, own.sha256)
    known = {model.name: model for model in store.known()}
    used = next((card.models for card in CARDS if card.mark == detector), ())
    models = [known[name] for name in used]
    return (
        Paper(f"Detector {name}", version, _program()),
        *(Paper(f"Model {m.name}", f"{m.package} {m.version}", m.sha256) for m in models),
    )


@cache
def _program() -> str:
    digest = hashlib.sha256()
    for package in _JUDGES:
        for source in sorted(files(package).iterdir(), key=lambda one: one.name):
            if source.name.endswith(".py"):
                digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()
