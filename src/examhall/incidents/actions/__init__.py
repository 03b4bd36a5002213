"""The only writers of incidents: `wake_analysis`, keeping a step of the analysis, verdicts, flags by people."""

from examhall.incidents.actions.analysis import wake_analysis

__all__ = ["wake_analysis"]
