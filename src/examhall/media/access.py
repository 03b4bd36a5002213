"""Who may see a recording: one answer for pages, playlists, bytes and export."""

from uuid import UUID

from examhall.exam.access.attempt import AttemptRef, attempt_for
from examhall.exam.rules.rights import Act
from examhall.people.rules.actor import Actor


def recording_for(actor: Actor, attempt_id: UUID) -> AttemptRef:
    """The attempt whose recording this person may replay. NotFound when absent or not theirs: both look alike."""
    return attempt_for(actor, attempt_id, Act.SEE_RECORDING)
