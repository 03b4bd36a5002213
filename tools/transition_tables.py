"""Write the transition tables the client gets: `schemas/attempt_transitions.json`; `--check` only compares."""

import json
import sys
from pathlib import Path

from examhall.base.words import AttemptAct, AttemptState
from examhall.exam.rules.attempt import TERMINAL, TRANSITIONS, VOID_REVERSALS

TARGET = Path(__file__).resolve().parents[1] / "schemas" / "attempt_transitions.json"


def attempt_table() -> str:
    """The attempt's machine as JSON text: moves[state][act] = state; reversals[state before the void] = state."""
    moves: dict[str, dict[str, str]] = {state.value: {} for state in AttemptState}
    for (state, act), target in TRANSITIONS.items():
        moves[state.value][act.value] = target.value
    table = {
        "states": [state.value for state in AttemptState],
        "acts": [act.value for act in AttemptAct],
        "terminal": sorted(state.value for state in TERMINAL),
        "moves": moves,
        "reversals": {before.value: target.value for before, target in VOID_REVERSALS.items()},
    }
    return json.dumps(table, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    fresh = attempt_table()
    if "--check" in arguments:
        stale = not TARGET.exists() or TARGET.read_text() != fresh
        if stale:
            print(f"{TARGET.name} is stale: run python tools/transition_tables.py")
        return int(stale)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
