"""Each trap of a real room beside the thing it looks like: drawn clips, through H.264 at a low rate, at Strict."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from bench.hard.base import Drawn
from bench.hard.cases import CASES
from bench.hard.cases_people import PEOPLE
from bench.hard.clips import compose

from examhall.base.words import Leniency
from examhall.incidents import store
from examhall.incidents.jobs.quality import below, floors, run

ROOT = Path(__file__).parents[2]
MODELS = Path(os.environ.get("EXAMHALL_MODELS_DIR", ROOT / "var" / "models"))
FLOORS = ROOT / "docs" / "quality" / "floors.toml"
TRIED = ("portrait_left", "visitor_slow", "finger_75", "mask_visitor", "gusts_walker", "television", "handheld")

with_models = pytest.mark.skipif(
    bool(store.missing(MODELS)), reason=f"the models are not in {MODELS}; run `examhall models install`"
)


@with_models
def test_composed_hard_clips_stay_above_the_committed_floor(tmp_path: Path) -> None:
    """R-2.19 to R-2.22, issue 3: quality as a command, on composed clips; no figure falls below its floor."""
    cases = [replace(case, length_s=26.0) for case in (*CASES, *PEOPLE) if case.name in TRIED]
    compose(tmp_path, Drawn(), cases, fps=4)
    measured = run(tmp_path, tmp_path / "truth.json", policy=Leniency.STRICT, models_folder=MODELS)
    assert below(measured, floors(FLOORS)["strict"]) == []
