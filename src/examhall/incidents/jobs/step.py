"""One step of the analysis: what is new of one attempt goes through detectors and rules, what comes out is kept.

One step reads at most a minute of webcam, two of screen, and goes on in the next job. Nothing is kept of a step that
fails: the next one starts from the same place, so a killed worker costs a minute of work and no evidence.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec

from examhall.base import clock
from examhall.base.errors import BadInput, Conflict
from examhall.base.words import GapCause, IncidentKind, Track
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.rules.attempt import TERMINAL
from examhall.incidents import store
from examhall.incidents.access.rules import rules_of, screen_words, switches, warns_live
from examhall.incidents.actions.analysis import AnalysisStep, keep_step, let_go, start_afresh
from examhall.incidents.detectors import pipeline as detectors
from examhall.incidents.detectors import screen_text
from examhall.incidents.detectors.pipeline import (
    CARDS,
    PICTURE_KINDS,
    SCREEN_KINDS,
    SOUND_KINDS,
    Pipeline,
    PipelineState,
)
from examhall.incidents.detectors.screen import NO_WORDS, ScreenWindow, ScreenWords
from examhall.incidents.detectors.window import AudioWindow, VideoWindow
from examhall.incidents.jobs.baseline import begun
from examhall.incidents.jobs.evidence import (
    Piece,
    Recording,
    completed_at_s,
    promised_s,
    quiet_stretches,
    reports,
    since,
)
from examhall.incidents.jobs.papers import papers
from examhall.incidents.jobs.screen import screen_pictures
from examhall.incidents.jobs.still import take_stills
from examhall.incidents.reads.analysis import AnalysisRow, analysis_of, tells_of
from examhall.incidents.rules import fold, standing
from examhall.incidents.rules.client import (
    ALWAYS_COUNT,
    CLIENT_KINDS,
    EVIDENCE_DETECTOR,
    JUDGED_ENTRIES,
    ClientState,
    read,
)
from examhall.incidents.rules.curve import Memory, curve, line, remembered
from examhall.incidents.rules.fold import FoldState
from examhall.incidents.rules.found import Found, found
from examhall.incidents.rules.hints import excused, graces
from examhall.incidents.rules.levels import FOLDED_KINDS, RuleSet
from examhall.incidents.rules.off import looked_for, stretches
from examhall.incidents.rules.queue import Place, Reached, behind, ready
from examhall.incidents.rules.signal import DARK, Batch, FoldedIncident, Quiet, Signal, Suppressed
from examhall.media.container.decode import windows

PIECES_PER_STEP = 60
"""Of each track. About a minute: what a killed worker has to do again."""
SERVER_KINDS = FOLDED_KINDS - CLIENT_KINDS - PICTURE_KINDS - SOUND_KINDS - SCREEN_KINDS
REST = timedelta(seconds=30)
"""How often an attempt that has not begun, or waits for uploads, is looked at."""
UNEXPLAINED = frozenset({GapCause.UNKNOWN, GapCause.CLIENT_CRASH, GapCause.PENDING_UPLOAD})
"""Gaps that nobody accounted for; a pause, our own outage or a lost connection is explained."""


class State(msgspec.Struct, frozen=True):
    """Everything between two steps, beside the cursor."""

    media: bytes
    rules: bytes
    client: ClientState
    samples: Mapping[str, standing.Samples]
    pictures_to_s: float = 0.0
    screen_to_s: float = 0.0
    lag_s: float | None = None
    received_s: float = 0.0
    curves: Mapping[str, Sequence[tuple[int, int, float]]] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the new media of this step said."""

    state: PipelineState
    signals: tuple[Signal, ...] = ()
    pictures_to_s: float = 0.0
    sound_to_s: float = 0.0
    screen_to_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome of the rules over one step."""

    state: FoldState
    samples: standing.Memory
    incidents: tuple[FoldedIncident, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()


def step_on(attempt: AttemptRef, recording: Recording, pipeline: Pipeline, *, number: int = 0) -> bool:
    """One step from where the last one ended; returns False when another worker has gone on meanwhile.

    number: of the analysis. Raises Conflict for an analysis again when the session goes on after all.
    """
    row = analysis_of(attempt.id, number=number)
    thrown = switches(since=attempt.entered_at)
    rules = rules_of(attempt, row.leniency, switches=thrown, seen_share=row.seen_share)
    state = _state(row, rules)
    over = attempt.state in TERMINAL and recording.complete()
    if number and not over:
        raise Conflict("The session goes on; analyse it again when it has ended and everything has arrived.")
    late = over and _late(attempt, recording, row, looked_for(rules, thrown, attempt.entered_at))
    if row.finished_at is not None and not late:
        # a worker killed behind its last step has left pictures to be taken
        take_stills(attempt, recording, analysed_to_ms=row.analysed_to_ms, final=True, number=number)
        let_go(attempt.id, queued_at=row.queued_at, number=number)
        return True
    if state is None or late:
        if not start_afresh(attempt.id, progress=row.progress, number=number):
            return False
        row = analysis_of(attempt.id, number=number)
        rules = rules_of(attempt, row.leniency, switches=thrown, seen_share=row.seen_share)
        state = _new_state(rules)
    news = {track: _next_pieces(recording, track, row, complete=over) for track in Track}
    more = any(waiting for _, waiting in news.values())
    wanted = looked_for(rules, thrown, attempt.entered_at)
    halved = not over and behind(row.queued_at, now=clock.now())
    muted, words = stretches(thrown, attempt.entered_at), _words(attempt, rules)
    thrown_off = rules.on - wanted - CLIENT_KINDS
    work = _Work(attempt, recording, pipeline.only(wanted), rules, row, state, muted, halved, words, thrown_off)
    kept = work.out({track: pieces for track, (pieces, _) in news.items()}, more=more, final=over and not more)
    if not keep_step(kept):
        return False
    take_stills(attempt, recording, analysed_to_ms=kept.analysed_to_ms, final=kept.finished, number=number)
    return True


@dataclass(frozen=True, slots=True)
class _Work:
    """One step: what it reads and with which rules."""

    attempt: AttemptRef
    recording: Recording
    pipeline: Pipeline
    rules: RuleSet
    row: AnalysisRow
    state: State
    switched_off: Sequence[Quiet] = ()
    """Where an emergency switch mutes a kind."""
    halved: bool = False
    """Every second picture has to do, because jobs wait too long."""
    words: ScreenWords = NO_WORDS
    thrown_off: Collection[IncidentKind] = ()
    """Kinds whose detectors an emergency switch keeps from this recording."""

    def out(self, news: Mapping[Track, Sequence[Piece]], *, more: bool, final: bool) -> AnalysisStep:
        """What this step found, ready to be kept."""
        row, state = self.row, self.state
        told = reports(self.attempt, after=row.last_entry, lag_s=state.lag_s, received_s=state.received_s)
        final = final and not told.more
        end_s, pieces, shown = self._end_s(final=final), news[Track.WEBCAM], news[Track.SCREEN]
        before, compared = self._before(pieces)
        client = read(state.client, told.reported, until_s=end_s)
        seen = self._look_at_screen(self._look(before, pieces), shown, client.acts_s)
        signals = (*self._after_hints(seen.signals), *client.signals, *(self._gap_signals() if final else ()))
        judged = self._judge(signals, client.inputs_s, seen, end_s, final=final)
        analysed_to_ms = max((p.end_ms for p in pieces), default=row.analysed_to_ms)
        curves = remembered(state.curves, signals, until_ms=analysed_to_ms)
        media = b"" if final else detectors.packed(seen.state)  # what was learnt of a face is not kept
        rules, known = fold.packed(judged.state), (seen.pictures_to_s, seen.screen_to_s)
        after = State(media, rules, client.state, judged.samples, *known, told.lag_s, told.received_s, curves)
        return AnalysisStep(
            attempt_id=self.attempt.id,
            number=row.number,
            stream=self.attempt.stream,
            progress=row.progress,
            round=row.round,
            state=msgspec.msgpack.encode(after),
            webcam=_further(row.webcam, pieces),
            screen=_further(row.screen, shown),
            last_entry=told.last_entry,
            analysed_to_ms=analysed_to_ms,
            off=_off(self.pipeline, self.rules, self.words),
            compared=compared,
            found=[self._found(i, curves, judged.samples, analysed_to_ms) for i in judged.incidents],
            suppressed=judged.suppressed,
            rule_version=self.rules.version,
            seen_share=detectors.seen_share(seen.state) if row.seen_share is None else row.seen_share,
            halved_ms=row.halved_ms + self.halved * sum(piece.d_ms for piece in pieces),
            versions=_versions(self.pipeline, self.rules, self.words),
            thrown_off=self.thrown_off,
            finished=final,
            rest=_rest(self.attempt),
            more=more or told.more,
        )

    def _before(self, pieces: Sequence[Piece]) -> tuple[PipelineState, str]:
        """Where the last step ended, and with what the candidate is compared; a round begins with the system check."""
        before = detectors.unpacked(self.state.media) if self.state.media else PipelineState()
        if not pieces or self.row.webcam.fragments:
            return before, self.row.compared
        taught, compared = begun(self.attempt, self.pipeline)
        return replace(before, watch=taught.watch), compared

    def _look(self, before: PipelineState, pieces: Sequence[Piece]) -> Seen:
        """Run the detectors over the new media, epoch by epoch."""
        seen = Seen(before, (), self.state.pictures_to_s, screen_to_s=self.state.screen_to_s)
        for epoch in sorted({piece.epoch for piece in pieces}):
            part = [piece for piece in pieces if piece.epoch == epoch]
            seen = self._look_at(seen, self.recording.media(Track.WEBCAM, part))
        return seen

    def _look_at(self, seen: Seen, media: bytes) -> Seen:
        """Media that cannot be decoded says nothing; that it is there is the recording's affair."""
        try:
            for window in windows(media, keyed=True):
                fresh = [i for i, at_s in enumerate(window.times_s) if at_s > seen.pictures_to_s - 1e-6]
                fresh = fresh[::2] if self.halved else fresh
                if fresh:
                    times_s = tuple(window.times_s[i] for i in fresh)
                    video = VideoWindow(times_s, tuple(window.frames[i] for i in fresh))
                    said = self.pipeline.observe(seen.state, video)
                    said = detectors.standing_for_two(said) if self.halved else said
                    signals = (*seen.signals, *said.signals)
                    seen = replace(seen, state=said.state, signals=signals, pictures_to_s=said.until_s)
                if len(window.sound):
                    said = self.pipeline.observe(seen.state, AudioWindow(window.sound_start_s, window.sound))
                    signals = (*seen.signals, *said.signals)
                    seen = replace(seen, state=said.state, signals=signals, sound_to_s=said.until_s)
        except BadInput:
            return seen
        return seen

    def _look_at_screen(self, seen: Seen, pieces: Sequence[Piece], acts_s: Sequence[float]) -> Seen:
        """Nothing is decoded of a screen of which nothing is asked, and nothing remembered where there is none."""
        after_s = seen.state.screen.at_s
        if not self.pipeline.watches_screen or (not pieces and after_s is None):
            return seen
        pictures = tuple(screen_pictures(self.recording, pieces, after_s=after_s))
        said = self.pipeline.observe(seen.state, ScreenWindow(pictures, tuple(acts_s), self.words))
        return replace(seen, state=said.state, signals=(*seen.signals, *said.signals), screen_to_s=said.until_s)

    def _after_hints(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        """The journal is asked for hints only where something was dark, and after the media that shows it."""
        if not any(signal.note == DARK for signal in signals) or not warns_live(self.attempt):
            return signals
        return excused(signals, graces(promised_s(self.attempt)))

    def _judge(
        self, signals: Sequence[Signal], inputs_s: Sequence[float], seen: Seen, end_s: float, *, final: bool
    ) -> Judged:
        """Hand each group of kinds to the rules with how far it is known."""
        quiet = [*quiet_stretches(self.attempt), *self.switched_off]
        state = fold.unpacked(self.state.rules) if self.state.rules else fold.start(self.rules)
        reach = (
            (CLIENT_KINDS - ALWAYS_COUNT, end_s),
            (ALWAYS_COUNT, end_s),
            (PICTURE_KINDS, end_s if final else seen.pictures_to_s),
            (SOUND_KINDS, end_s if final else seen.sound_to_s),
            (SCREEN_KINDS, end_s if final else seen.screen_to_s),
            (SERVER_KINDS, end_s if final else 0.0),
        )
        judged = Judged(state, self.state.samples)
        for kinds, until_s in reach:
            mine = [signal for signal in signals if signal.kind in kinds]
            if until_s <= 0.0 and not mine:
                continue
            latest_s = max([until_s, *(signal.end_s for signal in mine)])
            batch = Batch(
                kinds=kinds,
                until_s=latest_s if final else until_s,
                signals=mine,
                inputs_s=inputs_s,
                quiet=_countable(quiet, kinds),
                final=final,
            )
            step = fold.advance(judged.state, batch, self.rules)
            samples = standing.remembered(judged.samples, batch, self.rules)
            judged = Judged(
                step.state, samples, (*judged.incidents, *step.incidents), (*judged.suppressed, *step.suppressed)
            )
        return judged

    def _end_s(self, *, final: bool) -> float:
        """How far the client's own reports are known: now, or the end of the attempt."""
        now_s = since(self.attempt, clock.now())
        ended_s = completed_at_s(self.attempt)
        known_s = now_s if ended_s is None else min(now_s, ended_s)
        return max(known_s, self.state.client.until_s, self.recording.end_ms() / 1000 if final else 0.0)

    def _gap_signals(self) -> Iterable[Signal]:
        """Recording gaps nobody accounts for (product.md §5.5 `evidence_gap`)."""
        for hole in self.recording.holes():
            if hole.cause in UNEXPLAINED:
                yield Signal(
                    IncidentKind.EVIDENCE_GAP,
                    hole.from_ms / 1000,
                    hole.to_ms / 1000,
                    value=1.0,
                    detector=EVIDENCE_DETECTOR,
                    note=hole.track.value,
                )

    def _found(self, incident: FoldedIncident, curves: Memory, samples: standing.Memory, until_ms: int) -> Found:
        rule = self.rules.rules[incident.kind]
        points = curve(
            curves,
            rule,
            start_ms=round(incident.start_s * 1000),
            end_ms=round(incident.end_s * 1000),
            until_ms=until_ms,
        )
        return found(
            incident,
            rule,
            curve=points,
            line=line(rule),
            standing=standing.standing_of(samples, incident, rule),
            papers=papers(incident.detector, self.pipeline.own),
        )


def _rest(attempt: AttemptRef) -> timedelta:
    """A running attempt is looked at again at once; others only now and then, unless something wakes them."""
    return timedelta(0) if attempt.started_at is not None and attempt.state not in TERMINAL else REST


def _countable(quiet: Sequence[Quiet], kinds: frozenset[IncidentKind]) -> Sequence[Quiet]:
    """What is wrong with the recording counts whenever it is; everything else is muted by checks and pauses."""
    return () if kinds <= SERVER_KINDS | ALWAYS_COUNT else quiet


def _late(attempt: AttemptRef, recording: Recording, row: AnalysisRow, wanted: Collection[IncidentKind]) -> bool:
    """Whether something came in behind what was judged that can change it: this round has gone past it.

    What nobody looks at matters only where it may fill a gap that was told.
    """
    reached = {track: row.reached(track) for track in Track}
    unread = {track: recording.count(track) - to.fragments for track, to in reached.items()}
    watched = [Track.WEBCAM, Track.SCREEN] if not SCREEN_KINDS.isdisjoint(wanted) else [Track.WEBCAM]
    if row.finished_at is None:
        ahead = {track: recording.count(track, epoch=to.epoch, seq=to.seq) for track, to in reached.items()}
        return any(unread[track] > ahead[track] for track in watched)
    told = reports(attempt, after=row.last_entry, lag_s=None).reported
    news = any(entry.kind in JUDGED_ENTRIES for entry in told)  # looking at the receipt is no news
    fills = any(unread.values()) and tells_of(IncidentKind.EVIDENCE_GAP, attempt.id, number=row.number)
    return news or fills or any(unread[track] for track in watched)


def _next_pieces(
    recording: Recording, track: Track, row: AnalysisRow, *, complete: bool
) -> tuple[Sequence[Piece], bool]:
    """The next fragments of a track in order, and whether more wait behind them already."""
    to = row.reached(track)
    stored = recording.pieces(track, epoch=to.epoch, seq=to.seq, limit=PIECES_PER_STEP + 1)
    places = [Place(piece.epoch, piece.seq, piece.received_at) for piece in stored]
    number = ready(places, epoch=to.epoch, seq=to.seq, now=clock.now(), complete=complete)
    return stored[: min(number, PIECES_PER_STEP)], number > PIECES_PER_STEP


def _words(attempt: AttemptRef, rules: RuleSet) -> ScreenWords:
    return screen_words(attempt) if IncidentKind.OTHER_CONTENT in rules.on else NO_WORDS


def _further(to: Reached, pieces: Sequence[Piece]) -> Reached:
    return Reached(pieces[-1].epoch, pieces[-1].seq, to.fragments + len(pieces)) if pieces else to


def _state(row: AnalysisRow, rules: RuleSet) -> State | None:
    """Where the last step ended; None if it was another version of the product and all must be read again."""
    if not row.state:
        return _new_state(rules)
    try:
        state = msgspec.msgpack.decode(row.state, type=State)
        detectors.unpacked(state.media)
        same = fold.unpacked(state.rules).rules_version == rules.version
    except (msgspec.MsgspecError, BadInput):
        return None
    return state if same else None


def _new_state(rules: RuleSet) -> State:
    return State(detectors.packed(PipelineState()), fold.packed(fold.start(rules)), ClientState(), {})


def _versions(pipeline: Pipeline, rules: RuleSet, words: ScreenWords) -> dict[str, list[str]]:
    """What judges here: the rules, the detectors that some rule asks for and that can see, the models they stand on."""
    own = pipeline.own
    cards = CARDS if own is None else (*(card for card in CARDS if not card.kinds <= own.kinds), own.card)
    marks = [card.mark for card in cards if card.kinds & (set(rules.rules) - set(pipeline.off))]
    marks += [screen_text.CARD.mark] * (words.asked and not pipeline.unread)
    models = [f"{one.name} {one.sha256[:12]}" for one in store.known() if one.name in pipeline.models]
    models += [f"{own.name} {own.sha256[:12]}"] if own else []
    return {"rules": [rules.version], "detectors": marks, "models": models}


def _off(pipeline: Pipeline, rules: RuleSet, words: ScreenWords) -> list[dict[str, Any]]:
    """Kinds the policy asks for and no detector can see here, by reason."""
    by_reason: dict[str, list[str]] = {}
    if words.asked and pipeline.unread:
        by_reason[f"no words are read on the screen, {pipeline.unread}"] = [IncidentKind.OTHER_CONTENT.value]
    for kind, reason in sorted(pipeline.off.items()):
        if kind in rules.on:
            by_reason.setdefault(reason, []).append(kind.value)
    return [{"kinds": kinds, "reason": reason} for reason, kinds in by_reason.items()]
