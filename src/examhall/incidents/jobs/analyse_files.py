"""`examhall analyse`: media files from disk through the detectors and rules that a running exam uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind, Leniency
from examhall.incidents import own, store
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState
from examhall.incidents.detectors.window import AudioWindow, VideoWindow
from examhall.incidents.rules.fold import advance, start
from examhall.incidents.rules.levels import RuleSet, rule_set
from examhall.incidents.rules.quality import Prediction
from examhall.incidents.rules.signal import FROZEN, LOOPED, Batch, FoldedIncident
from examhall.media.container.decode import Decoded, windows

CLIP_TYPES: Mapping[IncidentKind, str] = {
    IncidentKind.LEFT_SESSION: "left_session",
    IncidentKind.MULTI_FACE: "multiple_people",
    IncidentKind.HEAD_TURN: "facial_suspicion",
    IncidentKind.GAZE_OFF: "facial_suspicion",
    IncidentKind.BACKGROUND_MOTION: "background_motion",
    IncidentKind.BACKGROUND_AUDIO: "background_audio",
    IncidentKind.SPEECH: "background_audio",
    IncidentKind.IDENTITY_CHANGE: "different_person",
    IncidentKind.OBJECT_PHONE: "phone_visible",
    IncidentKind.OBJECT_BOOK: "book_visible",
    IncidentKind.CAMERA_BLOCKED: "covered_or_dark_camera",
}
"""How labelled clips name what a kind sees; `mic_muted` has no such name and is left out."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What `analyse` did."""

    predictions: dict[str, list[Prediction]]
    """By file name, in the order of the clips."""
    off: Mapping[IncidentKind, str]
    """Kinds that could not be seen, and why."""


def analyse(
    paths: Sequence[Path],
    *,
    policy: Leniency,
    out: Path | None = None,
    models_folder: Path = store.DEFAULT_FOLDER,
) -> Analysis:
    """Analyse each clip as a session of its own and write the predictions as JSON to `out`.

    Raises BadInput naming the clip that cannot be read (nothing is written then), ModelMissing if a model file is
    not the one it should be. Absent models turn their detectors off; `Analysis.off` names them.
    """
    if double := sorted({path.name for path in paths if sum(path.name == p.name for p in paths) > 1}):
        raise BadInput(f"Two clips are called {double[0]}; predictions are listed by name.", fields={"clips": "rename"})
    if out is not None and not out.parent.is_dir():
        raise BadInput(f"There is no folder {out.parent} to write to.", fields={"out": "make it first"})
    rules = rule_set(policy)
    pipeline = Pipeline(store.load(models_folder), wanted=rules.rules, own=own.installed(models_folder))
    found = {path.name: predictions(analyse_clip(path, pipeline, rules)) for path in paths}
    if out is not None:
        half = out.with_name(f".{out.name}.part")
        half.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
        half.replace(out)
    return Analysis(found, pipeline.off)


def analyse_clip(path: Path, pipeline: Pipeline, rules: RuleSet) -> tuple[FoldedIncident, ...]:
    """The last word on each incident of one clip, sorted by start."""
    told: dict[str, FoldedIncident] = {}
    fold_state, state = start(rules), PipelineState()
    try:
        with path.open("rb") as source:
            for window in windows(source):
                state, batches = observed(pipeline, state, window)
                for batch in batches:
                    step = advance(fold_state, batch, rules)
                    fold_state = step.state
                    told.update({incident.key: incident for incident in step.incidents})
    except FileNotFoundError as error:
        raise BadInput(f"{path} does not exist.", fields={"clips": "name a file"}) from error
    except BadInput as error:
        raise BadInput(f"{path.name}: {error.message}", fields=error.fields) from error
    reached = {kind: part.until_ms / 1000 for kind, part in fold_state.kinds.items()}
    for kind, until_s in reached.items():
        last = advance(fold_state, Batch(frozenset({kind}), until_s, final=True), rules)
        fold_state = last.state
        told.update({incident.key: incident for incident in last.incidents})
    return tuple(sorted(told.values(), key=lambda incident: (incident.start_s, incident.kind)))


def observed(pipeline: Pipeline, state: PipelineState, window: Decoded) -> tuple[PipelineState, list[Batch]]:
    """One decoded window through the detectors, as batches for the rules engine."""
    batches: list[Batch] = []
    if window.times_s:
        seen = pipeline.observe(state, VideoWindow(tuple(window.times_s), tuple(window.frames)))
        state = seen.state
        batches.append(Batch(seen.kinds, seen.until_s, seen.signals))
    if len(window.sound):
        heard = pipeline.observe(state, AudioWindow(window.sound_start_s, window.sound))
        state = heard.state
        batches.append(Batch(heard.kinds, heard.until_s, heard.signals))
    return state, batches


def predictions(incidents: Sequence[FoldedIncident]) -> list[Prediction]:
    """In the terms of the labelled clips; what has no such term (a frozen or looped picture) is left out."""
    return [
        Prediction(CLIP_TYPES[i.kind], i.start_s, i.end_s, round(i.score, 3), i.detected_s)
        for i in incidents
        if i.kind in CLIP_TYPES and i.note not in {FROZEN, LOOPED}
    ]
