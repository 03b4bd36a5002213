"""Which kinds of incident may have a shortest length of the site's own, beyond the one their level asks for."""

from examhall.base.words import IncidentKind

LENGTH_KINDS = (
    IncidentKind.NAVIGATING_AWAY,
    IncidentKind.LEFT_FULL_SCREEN,
    IncidentKind.HEAD_TURN,
    IncidentKind.GAZE_OFF,
    IncidentKind.MULTI_FACE,
    IncidentKind.IDENTITY_CHANGE,
    IncidentKind.BACKGROUND_MOTION,
    IncidentKind.BACKGROUND_AUDIO,
    IncidentKind.SPEECH,
    IncidentKind.OBJECT_PHONE,
    IncidentKind.OBJECT_BOOK,
    IncidentKind.CAMERA_BLOCKED,
    IncidentKind.MIC_MUTED,
    IncidentKind.SCREEN_BLOCKED,
    IncidentKind.OTHER_CONTENT,
)
"""Kinds that are marked when they last long enough, whatever else the candidate does meanwhile (product.md §5.6)."""
AS_LEVEL = 0
"""Instead of a length or a limit: as the level asks."""
