"""The job `incidents.analyse`: take what is new of one attempt through detectors and rules, and keep what comes out.

One step reads at most a minute of webcam and goes on in the next job. Nothing is kept of a step that fails: the next
one starts from the same place, so a killed worker costs a minute of work and no evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from examhall.base import clock
from examhall.base.errors import BadInput
from examhall.base.queue import job
from examhall.base.words import GapCause, IncidentKind, Track
from examhall.exam.access.attempt import AttemptRef, attempt_ref
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.rules.attempt import TERMINAL
from examhall.incidents.actions.analysis import JOB, AnalysisStep, keep_step, let_go, start_afresh
from examhall.incidents.detectors import pipeline as detectors
from examhall.incidents.detectors.pipeline import PICTURE_KINDS, SOUND_KINDS, Pipeline, PipelineState
from examhall.incidents.detectors.window import AudioWindow, VideoWindow
from examhall.incidents.jobs.evidence import (
    Piece,
    Recording,
    Reports,
    completed_at_s,
    quiet_stretches,
    reports,
    since,
)
from examhall.incidents.jobs.models import loaded_pipeline
from examhall.incidents.jobs.recording import StoredRecording
from examhall.incidents.jobs.still import take_stills
from examhall.incidents.reads.analysis import AnalysisRow, analysis_of
from examhall.incidents.rules import fold
from examhall.incidents.rules.client import CLIENT_KINDS, ClientState, read
from examhall.incidents.rules.curve import Memory, curve, line, remembered
from examhall.incidents.rules.fold import FoldState
from examhall.incidents.rules.found import Found, found
from examhall.incidents.rules.levels import FOLDED_KINDS, RuleSet, rule_set
from examhall.incidents.rules.queue import Place, ready
from examhall.incidents.rules.signal import Batch, FoldedIncident, Quiet, Signal, Suppressed
from examhall.media.container.decode import windows

PIECES_PER_STEP = 60
"""About a minute: what a killed worker has to do again."""
SERVER_KINDS = FOLDED_KINDS - CLIENT_KINDS - PICTURE_KINDS - SOUND_KINDS
GAP_DETECTOR = "recording 1"
UNEXPLAINED = frozenset({GapCause.UNKNOWN, GapCause.CLIENT_CRASH, GapCause.PENDING_UPLOAD})
"""Gaps that nobody accounted for; a pause, our own outage or a lost connection is explained."""


class State(msgspec.Struct, frozen=True):
    """Everything between two steps, beside the cursor."""

    media: bytes
    rules: bytes
    client: ClientState
    pictures_to_s: float = 0.0
    lag_s: float | None = None
    curves: Mapping[str, Sequence[tuple[int, int, float]]] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the new media of this step said."""

    state: PipelineState
    signals: tuple[Signal, ...] = ()
    pictures_to_s: float = 0.0
    sound_to_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome of the rules over one step."""

    state: FoldState
    incidents: tuple[FoldedIncident, ...] = ()
    suppressed: tuple[Suppressed, ...] = field(default=())


@job(JOB)
def analyse(attempt: str) -> None:
    """Analyse what is new of an attempt (design.md §6)."""
    attempt_id = UUID(attempt)
    try:
        sitting = attempt_ref(attempt_id)
        step_on(sitting, StoredRecording(attempt_id), loaded_pipeline())
    except Exception as fault:
        let_go(attempt_id, fault=f"{type(fault).__name__}: {fault}")
        raise


def step_on(attempt: AttemptRef, recording: Recording, pipeline: Pipeline) -> None:
    """One step from where the last one ended; does nothing when another worker has gone on meanwhile."""
    rules = rules_of(attempt)
    row = analysis_of(attempt.id)
    state = _state(row, rules)
    if state is None:
        start_afresh(attempt.id, progress=row.progress)
        row = analysis_of(attempt.id)
        state = _new_state(rules)
    complete = attempt.state in TERMINAL and recording.complete()
    pieces, more_media = _next_pieces(recording, row, complete=complete)
    if complete and not pieces and row.fragments != recording.count(Track.WEBCAM):
        start_afresh(attempt.id, progress=row.progress)  # a late fragment lies behind the cursor
        row, state = analysis_of(attempt.id), _new_state(rules)
        pieces, more_media = _next_pieces(recording, row, complete=complete)
    kept = _worked_out(attempt, recording, pipeline, row, state, pieces, complete=complete and not more_media)
    if keep_step(msgspec.structs.replace(kept, more=more_media) if False else _with_more(kept, more_media)):
        take_stills(attempt.id, recording, analysed_to_ms=kept.analysed_to_ms, final=kept.finished)
