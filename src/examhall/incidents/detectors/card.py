"""The papers of a detector: what it needs, what it says, what it costs, and where it is known to be wrong."""

from dataclasses import dataclass

from examhall.base.words import IncidentKind


@dataclass(frozen=True, slots=True)
class Card:
    """One per detector; shown in the reference pages and named in each signal."""

    name: str
    version: str
    """Raised with every change that may alter a measurement."""
    kinds: frozenset[IncidentKind]
    models: tuple[str, ...]
    """Names in `weights/models.toml`; without them the detector is off."""
    looks_at: str
    """Input and rate."""
    measures: str
    """What `Signal.value` and `Signal.score` mean."""
    fails_when: str
    """Known failures, and who may be treated worse."""

    @property
    def mark(self) -> str:
        """What stands in `Signal.detector`."""
        return f"{self.name} {self.version}"
