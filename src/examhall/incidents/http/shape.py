"""An incident's row as it goes out to one viewer."""

from uuid import UUID

from examhall.incidents.detectors.pipeline import CARDS
from examhall.incidents.http.token import still_url
from examhall.incidents.reads.incident import IncidentRow
from examhall.incidents.rules.curve import plot_unit
from examhall.incidents.rules.verdict import REASON_WORDS
from examhall.incidents.wire.incident import IncidentOut, PaperOut, PlotRowOut, StillOut, VerdictOut

_FAILS_WHEN = {card.mark: card.fails_when for card in CARDS}


def incident_out(row: IncidentRow, *, viewer: UUID) -> IncidentOut:
    """`viewer`: for whom the addresses of the stills are made."""
    return IncidentOut(
        id=row.id,
        kind=row.kind,
        family=row.family,
        label=row.label,
        title=row.title,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        open_ended=row.open_ended,
        repeated=row.repeated,
        severity=row.severity,
        confidence=round(row.confidence, 2),
        count=row.count,
        detector=row.detector,
        rules=row.rule_version,
        level=row.level,
        measured=row.measured,
        threshold=row.threshold,
        unit=row.unit,
        needed_s=row.needed_s,
        explanation=row.explanation,
        plot=row.plot,
        plot_threshold=row.plot_threshold,
        plot_unit=plot_unit(row.kind),
        plot_words=row.plot_words,
        plot_rows=[PlotRowOut(r.from_ms, r.to_ms, round(r.highest, 2), r.reached) for r in row.plot_rows],
        state=row.state,
        stills=[StillOut(s.track, s.label, s.offset_ms, still_url(s.id, viewer=viewer)) for s in row.stills],
        verdicts=[
            VerdictOut(v.by_name, v.verdict, REASON_WORDS[v.reason] if v.reason else "", v.note, v.at)
            for v in row.verdicts
        ],
        fails_when=_FAILS_WHEN.get(row.detector, ""),
        not_shown=row.not_shown,
        client_note=row.client_note,
        papers=[PaperOut(p.what, p.version, p.sha256) for p in row.papers],
    )
