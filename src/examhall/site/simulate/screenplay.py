"""What happens before a simulated candidate's camera and on their screen, as times in a loop."""

from collections.abc import Sequence
from dataclasses import dataclass

from examhall.site.simulate.scene import Moment

LOOP_S = 240  # longer than the analysis remembers: a simulated camera is not to be told as a loop
MOVE_S = 1.5  # walking in or out of the picture takes this long


@dataclass(frozen=True, slots=True)
class Stretch:
    """From, to in seconds of the loop."""

    from_s: float
    to_s: float

    def holds(self, at_s: float) -> float:
        """1 inside, 0 outside, between while somebody moves."""
        rising = (at_s - self.from_s) / MOVE_S
        falling = (self.to_s - at_s) / MOVE_S
        return max(0.0, min(1.0, rising, falling))


@dataclass(frozen=True, slots=True)
class Screenplay:
    """One candidate's doings; every stretch repeats with each loop of LOOP_S seconds."""

    name: str
    away: Sequence[Stretch] = ()
    visited: Sequence[Stretch] = ()
    covered: Sequence[Stretch] = ()
    elsewhere: Sequence[Stretch] = ()
    """The exam's page is not in front."""
    pasting_at_s: Sequence[float] = ()

    def moment(self, at_s: float) -> Moment:
        at = at_s % LOOP_S
        return Moment(
            at_s=at_s,
            present=1 - max((s.holds(at) for s in self.away), default=0.0),
            visitor=max((s.holds(at) for s in self.visited), default=0.0),
            covered=any(s.holds(at) > 0 for s in self.covered),
        )


SCREENPLAYS = (
    Screenplay("calm"),
    Screenplay("leaves", away=[Stretch(30, 60)], pasting_at_s=[80.0]),
    Screenplay("visited", visited=[Stretch(25, 43)], elsewhere=[Stretch(70, 82)]),
    Screenplay("covers", covered=[Stretch(40, 62)]),
    Screenplay("wanders", elsewhere=[Stretch(20, 27), Stretch(90, 104)]),
)
"""Given out in turn, so three candidates show a calm exam, an empty chair and a second person."""
