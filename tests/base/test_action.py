"""One verb, one transaction."""

import pytest
from django.db import connection

from examhall.base.action import NestedAction, OutsideAction, action, in_action, step
from examhall.people.actions.people import add_unit_step, set_up
from examhall.people.reads.people import units

pytestmark = pytest.mark.django_db


@step
def part() -> bool:
    return in_action() and connection.in_atomic_block


@action
def whole() -> bool:
    return part()


def test_a_step_runs_inside_an_action() -> None:
    """design.md §2: `@step` is a part of one verb."""
    assert whole()
    assert not in_action()


def test_a_step_alone_is_refused() -> None:
    """design.md §2: a step refuses to run outside an action."""
    with pytest.raises(OutsideAction, match="part"):
        part()


def test_an_action_inside_an_action_is_refused() -> None:
    """design.md §2: an action is never nested."""
    with pytest.raises(NestedAction, match="whole"):
        action(lambda: whole())()


def test_what_fails_half_way_leaves_nothing() -> None:
    """design.md §1: acknowledged means committed, and nothing else is."""
    root = set_up()

    @action
    def half() -> None:
        add_unit_step("Faculty", code="FAC", parent=root)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        half()
    assert [u.code for u in units()] == ["SITE"]
