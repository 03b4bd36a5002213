"""Whether the installation may proctor at all (R-0.2)."""

from examhall.exam.models import ProctoringActivation


def proctoring_is_active() -> bool:
    return ProctoringActivation.objects.exists()
