"""Time of a presumed interruption on the dashboard: proposed to those who may act, given by a person, once."""

from uuid import UUID, uuid4

import pytest

from examhall.base.clock import SetClock
from examhall.base.words import EntryKind
from examhall.exam.actions.attempt import hand_in
from examhall.exam.actions.sweep import sweep
from examhall.exam.reads.attempt import adjustments
from examhall.exam.reads.outage import Proposal, proposals
from tests.exam.sitting import Exam, Sitting, exam, started
from tests.invigilation.desk import browser, log_viewer

pytestmark = pytest.mark.django_db(transaction=True)

HIT = 5


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=7, invigilated=True)


@pytest.fixture
def sittings(of: Exam, clock: SetClock) -> list[Sitting]:
    """Five of seven fall silent together for a minute and a half, then all are back."""
    seated = [started(of, who=who) for who in range(7)]
    sweep()
    for heard in [seated[HIT:]] * 18 + [seated] * 2:
        clock.forward(s=5)
        for one in heard:
            one.beat()
        sweep()
    return seated


@pytest.fixture
def proposed(of: Exam, sittings: list[Sitting]) -> Proposal:
    [found] = proposals(of.schedule.id)
    return found


def address(of: Exam, outage: UUID, *, act: str = "credit") -> str:
    return f"/invigilation/{of.schedule.id}/outages/{outage}/{act}"


def page(of: Exam, *, part: str = "") -> str:
    return browser(of.invigilator).get(f"/invigilation/{of.schedule.id}/{part}").content.decode()


def test_the_dashboard_proposes_and_a_person_gives_the_time_back_once(
    of: Exam, proposed: Proposal, sittings: list[Sitting]
) -> None:
    """product.md §8.1 (b): "30 candidates, 4 min: apply?"."""
    for shown in (page(of), page(of, part="rows")):
        assert "5 candidates lost the connection together" in shown
        assert address(of, proposed.id) in shown
    web = browser(of.invigilator)
    answer = web.post(address(of, proposed.id), {"reason": "campus network"}, follow=True)
    assert "Time given back to 5 candidates." in answer.content.decode()
    line = sittings[0].line(EntryKind.EXTRA_TIME_GRANTED)
    assert (line.actor_name, line.extra["reason"]) == (of.invigilator.name, "campus network")
    assert [len(adjustments(one.attempt)) for one in sittings] == [1] * HIT + [0] * 2
    assert "lost the connection together" not in page(of)
    again = web.post(address(of, proposed.id), {"reason": "once more"}, follow=True)
    assert "given back already" in again.content.decode()
    assert len(adjustments(sittings[0].attempt)) == 1


def test_a_person_declines_with_a_reason_that_stands_in_the_log_of_those_it_hit(
    of: Exam, proposed: Proposal, sittings: list[Sitting]
) -> None:
    """product.md §8.1 (b): only proposed, so it can be declined, once."""
    web = browser(of.invigilator)
    assert address(of, proposed.id, act="decline") in page(of)
    answer = web.post(address(of, proposed.id, act="decline"), {"reason": "they pulled their plugs"}, follow=True)
    assert "The time is not given back." in answer.content.decode()
    line = sittings[0].line(EntryKind.CREDIT_DECLINED)
    assert (line.actor_name, line.extra["reason"]) == (of.invigilator.name, "they pulled their plugs")
    assert [EntryKind.CREDIT_DECLINED in one.kinds() for one in sittings] == [True] * HIT + [False] * 2
    assert "lost the connection together" not in page(of)
    for act in ("credit", "decline"):
        late = web.post(address(of, proposed.id, act=act), {"reason": "after all"}, follow=True)
        assert "was decided already" in late.content.decode()
    assert adjustments(sittings[0].attempt) == []


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b"])
@pytest.mark.parametrize("act", ["credit", "decline"])
def test_a_reason_is_asked_for(of: Exam, proposed: Proposal, sittings: list[Sitting], reason: str, act: str) -> None:
    """R-4.23: extra time stands in the log with its reason."""
    refused = browser(of.invigilator).post(address(of, proposed.id, act=act), {"reason": reason})
    assert (refused.status_code, "reason" in refused.content.decode()) == (400, True)
    assert adjustments(sittings[0].attempt) == []


def test_only_those_who_may_act_are_offered_it_and_may_do_it(
    of: Exam, root: UUID, proposed: Proposal, sittings: list[Sitting]
) -> None:
    """R-4.6: who may only look sees the note, and neither button nor effect."""
    looking = browser(log_viewer(root, "looking"))
    shown = looking.get(f"/invigilation/{of.schedule.id}/").content.decode()
    assert ("lost the connection together" in shown, address(of, proposed.id) in shown) == (True, False)
    stranger = browser(of.candidates[0])
    for act in ("credit", "decline"):
        assert looking.post(address(of, proposed.id, act=act), {"reason": "x"}).status_code == 403
        assert stranger.post(address(of, proposed.id, act=act), {"reason": "x"}).status_code in {403, 404}
    assert EntryKind.CREDIT_DECLINED not in sittings[0].kinds()
    assert adjustments(sittings[0].attempt) == []


def test_an_interruption_of_another_exam_is_not_found(of: Exam, root: UUID, proposed: Proposal) -> None:
    """R-4.6: the address of one exam opens nothing of another."""
    other = exam(root, invigilated=True)
    web = browser(other.invigilator)
    assert web.post(address(other, proposed.id), {"reason": "x"}).status_code == 404
    assert browser(of.invigilator).post(address(of, uuid4()), {"reason": "x"}).status_code == 404


def test_nothing_is_proposed_once_nobody_it_hit_is_in_the_exam(
    of: Exam, proposed: Proposal, sittings: list[Sitting]
) -> None:
    """product.md §8.1: what can help nobody is no question to a person."""
    for one in sittings:
        hand_in(one.attempt, by=of.invigilator)
    assert proposals(of.schedule.id) == []
