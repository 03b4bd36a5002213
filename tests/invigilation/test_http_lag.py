"""An analysis that has fallen behind, on the dashboard of those who wait for it."""

from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.incidents.actions.analysis import wake_analysis
from tests.exam.sitting import exam, started
from tests.invigilation.desk import browser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("part", ["", "rows"])
def test_the_dashboard_says_how_far_the_analysis_is_behind_and_what_that_means(
    root: UUID, clock: SetClock, part: str
) -> None:
    """product.md §10.4, issue 3: halved sampling is told as a lag, from the same 10 s on."""
    of = exam(root, candidates=1, invigilated=True)
    wake_analysis(started(of).attempt)
    web = browser(of.invigilator)
    path = f"/invigilation/{of.schedule.id}/{part}"
    clock.forward(s=9)
    assert "every second picture" not in web.get(path).content.decode()
    clock.forward(s=5)
    shown = web.get(path).content.decode()
    assert "The analysis is 14" in shown
    assert "every second picture; whoever you watch comes first" in shown
