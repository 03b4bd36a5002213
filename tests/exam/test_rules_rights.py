"""Who may do what, as the matrix of product.md §3.3 says."""

import pytest

from examhall.base.words import Permission
from examhall.exam.rules.rights import RIGHTS, Act, Grounds, may, may_invigilate

NOBODY = Grounds()
REVIEWER = Grounds(reviews=True)
MARKER = Grounds(permissions=[Permission.MARKS_WRITE])
INVIGILATOR = Grounds(assigned=True)
LOG_VIEWER = Grounds(permissions=[Permission.LOGS_VIEW])
SCHEDULER = Grounds(permissions=[Permission.SCHEDULE_CREATE, Permission.SCHEDULE_ACTIVATE])


@pytest.mark.parametrize("act", list(Act))
def test_nobody_may_do_anything(act: Act) -> None:
    """product.md §3.1, S7: absence is deny; every act is declared."""
    assert act in RIGHTS
    assert not may(act, NOBODY)


@pytest.mark.parametrize(
    ("grounds", "act", "allowed"),
    [
        (INVIGILATOR, Act.INTERVENE, True),
        (INVIGILATOR, Act.SEE_LOG, True),
        (INVIGILATOR, Act.ACTIVATE, False),
        (INVIGILATOR, Act.REGISTER_CANDIDATES, False),
        (REVIEWER, Act.SEE_RECORDING, True),
        (REVIEWER, Act.REVIEW_INCIDENTS, True),
        (REVIEWER, Act.SEE_LOG, True),
        (REVIEWER, Act.SEE_RESULTS, True),
        (REVIEWER, Act.SEE_DASHBOARD, False),
        (REVIEWER, Act.SEE_LIVE_MEDIA, False),
        (REVIEWER, Act.INTERVENE, False),
        (REVIEWER, Act.SEE_ANSWERS, False),
        (INVIGILATOR, Act.SEE_RESULTS, False),
        (MARKER, Act.SEE_ANSWERS, True),
        (MARKER, Act.SEE_SHARED_NETWORKS, False),
        (MARKER, Act.SEE_RECORDING, False),
        (LOG_VIEWER, Act.SEE_LOG, True),
        (LOG_VIEWER, Act.INTERVENE, False),
        (LOG_VIEWER, Act.SEE_RECORDING, False),
        (SCHEDULER, Act.ACTIVATE, True),
        (SCHEDULER, Act.SEE_LIVE_MEDIA, False),
        (SCHEDULER, Act.UNSCHEDULE, False),
    ],
)
def test_assignment_and_permission_give_what_the_matrix_says(grounds: Grounds, act: Act, allowed: bool) -> None:
    """R-4.6: View user logs gives no invigilator powers. R-1.9: invigilators by assignment."""
    assert may(act, grounds) is allowed


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.SIT])
def test_nobody_acts_as_staff_on_their_own_exam(act: Act) -> None:
    """product.md §3.1, S6."""
    everything = Grounds(permissions=list(Permission), assigned=True, reviews=True, own=True)
    assert not may(act, everything)
    assert may(Act.SIT, everything)
    assert not may_invigilate(sits_it=True)
