"""Planning, freezing, unfreezing."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from examhall.base import clock as clocks
from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, Conflict, IllegalMove, NotAllowed, NotFound, StaleVersion
from examhall.base.ids import new_id
from examhall.base.words import AttemptState, EntryKind, ScheduleMode, ScheduleState
from examhall.exam.access.schedule import schedule_for
from examhall.exam.actions.assessment import Options, create_assessment
from examhall.exam.actions.attempt import hand_in
from examhall.exam.actions.intervention import pause
from examhall.exam.actions.profile import save_site_profile
from examhall.exam.actions.registration import add_candidates
from examhall.exam.actions.schedule import (
    activate,
    assign_invigilator,
    cancel_schedule,
    create_schedule,
    edit_schedule,
    extend_deadline,
    remove_invigilator,
    unschedule,
)
from examhall.exam.models import Attempt, Registration, Schedule
from examhall.exam.reads.attempt import counting_answers, standing
from examhall.exam.reads.schedule import schedule_page, schedules
from examhall.exam.rules.rights import Act
from examhall.exam.rules.schedule import Phase
from examhall.journal.models import Entry
from tests.exam import build_content as build
from tests.exam.build_content import Faculty
from tests.exam.sitting import entered, exam, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


def kinds(schedule_id: UUID) -> list[str]:
    stream = Schedule.objects.get(id=schedule_id).stream_id
    return list(Entry.objects.filter(stream_id=stream).order_by("number").values_list("kind", flat=True))


def begun(schedule_id: UUID) -> None:
    """A candidate of the schedule has an attempt; rows stand in for the attempt engine, which is tested apart."""
    registration = Registration.objects.filter(schedule_id=schedule_id).order_by("candidate__username")[0]
    activation = registration.schedule.activations.get(ended_at__isnull=True)
    Attempt.objects.create(
        code="P-TEST",
        registration=registration,
        activation=activation,
        number=1,
        form_seed=1,
        state="in_progress",
        stream_id=new_id(),
        entered_at=clocks.now(),
        started_at=clocks.now(),
        base_duration_s=5400,
    )


def test_an_activated_schedule_keeps_its_settings_when_the_profile_changes(at: Faculty) -> None:
    """R-0.9, R-0.10: frozen values stay, and a badge tells of newer ones."""
    save_site_profile({"conn.reconnect_window_s": 120}, by=at.admin)
    schedule = build.drafted_schedule(at)
    activate(schedule, by=at.scheduler)
    before = schedule_page(at.scheduler, schedule)
    save_site_profile({"conn.reconnect_window_s": 180}, by=at.admin)
    after = schedule_page(at.scheduler, schedule)
    assert (before.changes, after.settings, after.freezing) == ((), before.settings, before.freezing)
    assert [(c.name, c.frozen, c.newer) for c in after.changes] == [("Reconnect window", "120 s", "180 s")]
    assert after.newest_site_version == 2


def test_a_schedule_activated_after_the_save_uses_the_new_settings(at: Faculty) -> None:
    """R-0.9: saved settings apply to schedules activated after the save."""
    schedule = build.drafted_schedule(at)
    save_site_profile({"conn.reconnect_window_s": 180}, by=at.admin)
    activate(schedule, by=at.scheduler)
    shown = {line.key: line for line in schedule_page(at.scheduler, schedule).settings}
    assert shown["conn.reconnect_window_s"].value == "180 s"


def test_scheduling_again_takes_up_the_newest_settings_and_records_the_difference(at: Faculty) -> None:
    """R-0.11: unschedule and schedule refreshes the snapshot."""
    schedule = build.drafted_schedule(at)
    activate(schedule, by=at.scheduler)
    save_site_profile({"record.audio": False}, by=at.admin)
    unschedule(schedule, reason="Audio is not wanted", by=at.scheduler)
    activate(schedule, by=at.scheduler)
    page = schedule_page(at.scheduler, schedule)
    stream = Schedule.objects.get(id=schedule).stream_id
    last = Entry.objects.filter(stream_id=stream, kind=EntryKind.SCHEDULE_ACTIVATED).order_by("number").last()
    assert page.changes == ()
    assert page.freezing is not None
    assert page.freezing.number == 2
    assert last is not None
    assert '"record.audio":[true,false]' in last.extra_json


def test_values_are_resolved_in_order_and_each_shows_its_origin(at: Faculty) -> None:
    """R-0.41: site default A, assessment B, schedule override "audio off"."""
    save_site_profile({"conn.reconnect_window_s": 180, "lock.one_screen": False}, by=at.admin)
    assessment = build.live_assessment(at, profile={"conn.reconnect_window_s": 240})
    plan = build.plan(overrides={"record.audio": False})
    schedule = create_schedule(assessment, plan=plan, by=at.scheduler)
    activate(schedule, by=at.scheduler)
    shown = {line.key: (line.value, line.origin) for line in schedule_page(at.scheduler, schedule).settings}
    assert shown["conn.reconnect_window_s"] == ("240 s", "From the assessment, version 1")
    assert shown["record.audio"] == ("no", "Set for this schedule")
    assert shown["lock.one_screen"] == ("no", "From the site profile, version 1")
    assert shown["record.video"] == ("yes", "Built in")


def test_without_use_proctoring_nothing_is_recorded_or_locked(at: Faculty) -> None:
    """R-0.25: unticked, no proctoring settings apply."""
    schedule = create_schedule(
        build.live_assessment(at, proctored=False), plan=build.plan(mode=ScheduleMode.NONE), by=at.scheduler
    )
    activate(schedule, by=at.scheduler)
    texts = {line.name: line.text for line in schedule_page(at.scheduler, schedule).summary}
    assert (texts["Recording"], texts["Lockdown"]) == ("Nothing is recorded", "Nothing is locked")
    assert texts["Sensitivity"] == "Nothing is flagged"


def test_a_proctored_mode_needs_the_tick_in_the_assessment(at: Faculty) -> None:
    """R-0.25: the schedule dialog offers proctoring only with Use proctoring."""
    assessment = build.live_assessment(at, proctored=False)
    with pytest.raises(BadInput) as refused:
        create_schedule(assessment, plan=build.plan(mode=ScheduleMode.LIVE), by=at.scheduler)
    assert list(refused.value.fields) == ["mode"]


def test_live_without_an_invigilator_is_not_activated(at: Faculty) -> None:
    """R-1.8: activation is blocked with "assign at least one invigilator"; nothing changed."""
    schedule = build.drafted_schedule(at, mode=ScheduleMode.LIVE)
    with pytest.raises(Conflict, match="assign at least one invigilator") as refused:
        activate(schedule, by=at.scheduler)
    assert list(refused.value.fields) == ["invigilator"]
    assert schedule_page(at.scheduler, schedule).freezing is None
    assign_invigilator(schedule, user_id=_id(at.invigilator.user_id), by=at.scheduler)
    activate(schedule, by=at.scheduler)
    assert kinds(schedule)[-2:] == [EntryKind.INVIGILATOR_ASSIGNED, EntryKind.SCHEDULE_ACTIVATED]


def test_a_draft_version_and_a_passed_window_are_named(at: Faculty, clock: SetClock) -> None:
    """product.md §2.3: the error lists each unmet item."""
    assessment = create_assessment(at.unit, code="X", title="X", options=Options(use_proctoring=True), by=at.author)
    schedule = create_schedule(assessment, plan=build.plan(), by=at.scheduler)
    clock.forward(s=4 * 3600)
    with pytest.raises(Conflict) as refused:
        activate(schedule, by=at.scheduler)
    assert sorted(refused.value.fields) == ["questions", "version_final", "window"]


def test_a_schedule_with_an_attempt_is_not_unscheduled(at: Faculty) -> None:
    """R-0.12: if any attempt has started, Unschedule is refused with the reason and the remedies."""
    schedule = build.drafted_schedule(at)
    add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler)
    activate(schedule, by=at.scheduler)
    begun(schedule)
    with pytest.raises(Conflict, match=r"Candidate 1.*Extend the deadline"):
        unschedule(schedule, reason="change", by=at.scheduler)
    page = schedule_page(at.scheduler, schedule)
    assert (page.state, page.blockers) == (ScheduleState.SCHEDULED, ("Candidate 1",))


def test_unscheduling_needs_a_reason_and_a_scheduled_exam(at: Faculty) -> None:
    """product.md §2.3: reason; positive state table."""
    schedule = build.drafted_schedule(at)
    with pytest.raises(IllegalMove):
        unschedule(schedule, reason="x", by=at.scheduler)
    activate(schedule, by=at.scheduler)
    with pytest.raises(IllegalMove):
        activate(schedule, by=at.scheduler)
    with pytest.raises(BadInput):
        unschedule(schedule, reason="  ", by=at.scheduler)
    unschedule(schedule, reason="wrong date", by=at.scheduler)
    assert schedule_page(at.scheduler, schedule).phase is Phase.DRAFT


def test_a_cancelled_exam_stays_cancelled(at: Faculty) -> None:
    """product.md §2.3: scheduled → cancelled with reason."""
    schedule = build.drafted_schedule(at)
    activate(schedule, by=at.scheduler)
    cancel_schedule(schedule, reason="strike", by=at.scheduler)
    assert schedule_page(at.scheduler, schedule).phase is Phase.CANCELLED
    with pytest.raises(IllegalMove):
        activate(schedule, by=at.scheduler)


def test_cancelling_ends_what_runs_and_leaves_what_has_ended(at: Faculty) -> None:
    """product.md §2.3: scheduled/open → cancelled: candidates see why, answers are kept."""
    of = exam(at.unit, candidates=4, invigilated=True, policy={"live.allow_interrupt": True})
    running, paused, ended, waiting = started(of), started(of, who=1), started(of, who=2), entered(of, who=3)
    running.save(running.answer("furosemide"))
    pause(paused.attempt, by=of.invigilator, reason="a spill")
    hand_in(ended.attempt, by=ended.by)
    cancel_schedule(of.schedule.id, reason="strike", by=at.scheduler)
    assert [one.state for one in (running, paused, ended, waiting)] == [
        AttemptState.VOIDED,
        AttemptState.VOIDED,
        AttemptState.HANDED_IN,
        AttemptState.VOIDED,
    ]
    assert {standing(one.attempt).reason for one in (running, paused, waiting)} == {"The exam was cancelled: strike"}
    assert running.line(EntryKind.VOIDED).extra["before"] == "in_progress"
    assert [answer.response_json for answer in counting_answers(running.attempt)] == ['"furosemide"']


def test_open_and_closed_are_seen_without_any_job(at: Faculty, clock: SetClock) -> None:
    """product.md §2.3: computed from time."""
    schedule = build.drafted_schedule(at)
    activate(schedule, by=at.scheduler)
    seen = [schedule_page(at.scheduler, schedule).phase]
    for hours in (1, 2):
        clock.forward(s=hours * 3600)
        seen.append(schedule_page(at.scheduler, schedule).phase)
    assert seen == [Phase.SCHEDULED, Phase.OPEN, Phase.CLOSED]


def test_a_scheduled_exam_is_extended_but_not_edited(at: Faculty) -> None:
    """product.md §2.3: extend (never shorten) without unscheduling."""
    schedule = build.drafted_schedule(at)
    activate(schedule, by=at.scheduler)
    page = schedule_page(at.scheduler, schedule)
    extend_deadline(schedule, deadline=page.deadline + timedelta(minutes=30), by=at.scheduler)
    assert schedule_page(at.scheduler, schedule).deadline == page.deadline + timedelta(minutes=30)
    with pytest.raises(BadInput):
        extend_deadline(schedule, deadline=page.deadline, by=at.scheduler)
    with pytest.raises(IllegalMove):
        edit_schedule(schedule, plan=build.plan(), seen_version=page.row_version + 1, by=at.scheduler)


def test_a_draft_changed_by_somebody_else_is_not_overwritten(at: Faculty) -> None:
    """product.md §2.1: every command carries the version it saw."""
    schedule = build.drafted_schedule(at)
    seen = schedule_page(at.scheduler, schedule).row_version
    edit_schedule(schedule, plan=replace(build.plan(), title="First"), seen_version=seen, by=at.scheduler)
    with pytest.raises(StaleVersion):
        edit_schedule(schedule, plan=replace(build.plan(), title="Second"), seen_version=seen, by=at.scheduler)
    assert schedule_page(at.scheduler, schedule).title == "First"


@pytest.mark.parametrize("key", ["record.everything", "live"])
def test_an_unknown_override_is_refused(at: Faculty, key: str) -> None:
    """product.md §5.1: an unknown key is an error."""
    with pytest.raises(BadInput) as refused:
        create_schedule(build.live_assessment(at), plan=build.plan(overrides={key: True}), by=at.scheduler)
    assert list(refused.value.fields) == [key]


def test_an_invigilator_sees_that_schedule_and_no_other(at: Faculty) -> None:
    """R-1.9: U can open that schedule's page and no other schedule's. R-4.3: removed, no access at once."""
    schedule = build.drafted_schedule(at)
    with pytest.raises(NotFound):
        schedule_for(at.invigilator, schedule, Act.SEE_SCHEDULE)
    user = _id(at.invigilator.user_id)
    assign_invigilator(schedule, user_id=user, by=at.scheduler)
    assert [row.id for row in schedules(at.invigilator)] == [schedule]
    with pytest.raises(NotAllowed):
        schedule_for(at.invigilator, schedule, Act.ACTIVATE)
    remove_invigilator(schedule, user_id=user, by=at.scheduler)
    with pytest.raises(NotFound):
        schedule_for(at.invigilator, schedule, Act.SEE_SCHEDULE)


def test_the_last_invigilator_of_a_live_exam_stays(at: Faculty) -> None:
    """product.md §2.2: live needs at least one invigilator."""
    schedule = build.drafted_schedule(at, mode=ScheduleMode.LIVE)
    user = _id(at.invigilator.user_id)
    assign_invigilator(schedule, user_id=user, by=at.scheduler)
    activate(schedule, by=at.scheduler)
    with pytest.raises(Conflict, match="at least one"):
        remove_invigilator(schedule, user_id=user, by=at.scheduler)


def test_a_candidate_does_not_invigilate_their_own_exam(at: Faculty) -> None:
    """product.md §3.1, S6: enforced at assignment."""
    schedule = build.drafted_schedule(at)
    add_candidates(schedule, content=b"name,login\nInes Carvalho,ines\n", by=at.scheduler)
    with pytest.raises(Conflict, match="is a candidate"):
        assign_invigilator(schedule, user_id=_id(at.invigilator.user_id), by=at.scheduler)


def test_a_schedule_of_another_faculty_looks_absent(at: Faculty) -> None:
    """product.md §3.1, S2: absent and forbidden look the same."""
    schedule = build.drafted_schedule(at)
    for act in (Act.SEE_SCHEDULE, Act.ACTIVATE):
        with pytest.raises(NotFound) as forbidden:
            schedule_for(at.stranger, schedule, act)
        with pytest.raises(NotFound) as absent:
            schedule_for(at.stranger, new_id(), act)
        assert forbidden.value.message == absent.value.message
    assert schedules(at.stranger) == []
    with pytest.raises(NotFound):
        activate(schedule, by=at.stranger)


def test_only_an_administrator_saves_the_site_profile(at: Faculty) -> None:
    """product.md §3.3: site default profile."""
    with pytest.raises(NotAllowed):
        save_site_profile({"record.audio": False}, by=at.scheduler)
    with pytest.raises(BadInput):
        save_site_profile({"record.audio": "no"}, by=at.admin)
    assert save_site_profile({"record.audio": False}, by=at.admin) == 1


def _id(user_id: UUID | None) -> UUID:
    assert user_id is not None
    return user_id
