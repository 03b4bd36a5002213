"""Which jobs an entry calls for: the only way a lower wing has an effect on a higher one.

Each job is queued in the entry's own transaction with the argument `stream`.
"""

from collections.abc import Mapping, Sequence

from examhall.base.words import EntryKind

REACTIONS: Mapping[EntryKind, Sequence[str]] = {
    EntryKind.EXAM_STARTED: ["incidents.wake"],
    EntryKind.TRACK_STARTED: ["incidents.wake"],
    EntryKind.EVIDENCE_ALTERED: ["incidents.wake"],
    EntryKind.TRACK_ENDED: ["incidents.wake"],  # also when what was uploaded late has closed a gap
    EntryKind.EXAM_COMPLETED: ["media.close_recording", "incidents.wake"],
    EntryKind.VOIDED: ["media.close_recording", "incidents.wake"],
}
