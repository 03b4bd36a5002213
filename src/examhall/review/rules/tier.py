"""What the candidate's tier cannot see, in words (product.md P6)."""

from collections.abc import Mapping

from examhall.base.words import IncidentFamily

BEYOND_TIER: Mapping[IncidentFamily, str] = {
    IncidentFamily.AID: "Which site or program: not available at this tier",
    IncidentFamily.APPS: "Other programs: not available at this tier",
}
"""Of families of which a plain browser (T0), the only tier there is, sees a part (R-2.18, R-2.25)."""
