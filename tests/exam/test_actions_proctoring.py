"""Proctoring is off until the site has activated it."""

from uuid import UUID

import pytest

from examhall.base.errors import BadInput, Conflict, NotAllowed
from examhall.base.words import EntryKind
from examhall.exam.access.proctoring import proctoring_is_active
from examhall.exam.actions.assessment import Options, create_assessment, make_live
from examhall.exam.actions.items import create_item
from examhall.exam.actions.proctoring import activate_proctoring
from examhall.exam.actions.schedule import activate, create_schedule
from examhall.exam.models import ProctoringActivation
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles, set_up
from examhall.people.reads.people import site_stream
from examhall.people.rules.actor import Actor
from examhall.site.cli.main import main
from tests.exam import build_content as build
from tests.exam.test_http_content import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(clock: object) -> UUID:
    """An installation that nobody has activated proctoring for."""
    return set_up()


def _admin(root: UUID) -> Actor:
    user = add_person("nora", name="Nora Lindgren")
    grant_roles(user, unit=root, roles=["Site administrator"])
    return actor_for_user(user)


def test_an_administrator_activates_it_once_with_basis_and_contact(fresh: UUID) -> None:
    """R-0.2: records the legal basis text, the contact and the admin's confirmation."""
    admin = _admin(fresh)
    assert not proctoring_is_active()
    for _ in range(2):
        activate_proctoring(legal_basis="Exam rules § 7", contact="dpo@example.org", by=admin)
    row = ProctoringActivation.objects.get()
    assert (row.unit_id, row.legal_basis, row.contact, row.by_id) == (
        fresh,
        "Exam rules § 7",
        "dpo@example.org",
        admin.user_id,
    )
    assert proctoring_is_active()
    assert [line.kind for line in tail(site_stream())].count(EntryKind.PROCTORING_ACTIVATED) == 1


def test_without_basis_or_contact_or_permission_it_stays_off(fresh: UUID) -> None:
    """R-0.2; product.md §3.1, S7: absence is deny."""
    with pytest.raises(BadInput) as refused:
        activate_proctoring(legal_basis=" ", contact="", by=_admin(fresh))
    assert set(refused.value.fields) == {"legal_basis", "contact"}
    for nobody in (Actor(user_id=None, name="", role="candidate"), build.faculty(fresh).author):
        with pytest.raises(NotAllowed):
            activate_proctoring(legal_basis="x", contact="y", by=nobody)
    assert not proctoring_is_active()


def test_until_then_authors_are_not_offered_it_and_nothing_proctored_is_scheduled(fresh: UUID) -> None:
    """R-0.2: when an author opens assessment options, "Use proctoring" is absent; when activated, then present."""
    at = build.faculty(fresh)
    web = browser(at.author)
    assert "use_proctoring" not in web.get("/assessments/new").content.decode()
    proctored = create_assessment(at.unit, code="P", title="P", options=Options(use_proctoring=True), by=at.author)
    create_item(proctored, form=build.QUESTIONS[0], by=at.author)
    make_live(proctored, by=at.author)
    schedule = create_schedule(proctored, plan=build.plan(), by=at.scheduler)
    with pytest.raises(Conflict) as refused:
        activate(schedule, by=at.scheduler)
    assert set(refused.value.fields) == {"proctoring_active"}
    assert main(["activate-proctoring", "--legal-basis", "Exam rules § 7", "--contact", "dpo@example.org"]) == 0
    assert "use_proctoring" in web.get("/assessments/new").content.decode()
    activate(schedule, by=at.scheduler)
