"""`examhall unit`: how an installation gets its faculties and departments."""

from uuid import UUID

import pytest

from examhall.base.words import EntryKind, Permission
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from examhall.people.reads.people import account, site_stream, unit_by_code, unit_path, units
from examhall.site.cli.main import main

pytestmark = pytest.mark.django_db

MED = ("unit", "add", "MED", "--name", "Faculty of Medicine", "--zone", "Europe/Paris")


def test_a_department_below_a_faculty_holds_roles(root: UUID, capsys: pytest.CaptureFixture[str]) -> None:
    """product.md S1: a role on the faculty reaches the department."""
    assert main(list(MED)) == 0
    assert main(["unit", "add", "PHA", "--name", "Pharmacology", "--parent", "MED"]) == 0
    main(["account", "add", "ada", "--name", "Ada", "--role", "Author", "--unit", "MED"])
    actor = actor_for_user(account("ada").id)
    assert actor.may(Permission.ASSESSMENT_AUTHOR, unit_path(unit_by_code("PHA")))
    assert [(unit.code, unit.zone, unit.depth) for unit in units()] == [
        ("SITE", "UTC", 0),
        ("MED", "Europe/Paris", 1),
        ("PHA", "Europe/Paris", 2),
    ]
    capsys.readouterr()
    assert main(["unit", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[2] == "    PHA\tPharmacology\tEurope/Paris"


def test_a_new_unit_stands_in_the_sites_journal(root: UUID) -> None:
    """product.md §9: an act of staff leaves an entry with who did it."""
    main(list(MED))
    [line] = tail(site_stream(), kinds=[EntryKind.UNIT_ADDED])
    assert (line.extra["code"], line.extra["parent"]) == ("MED", "SITE")
    assert "command line" in line.actor_name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("MED", "--name", "Once more"), "There is a unit MED already"),
        (("med", "--name", "Once more"), "There is a unit med already"),
        (("A B", "--name", "Arts"), "code: use"),
        (("ART", "--name", " "), "name: give the unit's name"),
        (("ART", "--name", "Arts", "--zone", "Paris"), "zone: give a time zone"),
        (("ART", "--name", "Arts", "--parent", "NONE"), "there is no unit NONE"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_added(
    root: UUID, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    """product.md §2.2: one parent, one code."""
    main(list(MED))
    assert main(["unit", "add", *words]) == 2
    assert said in capsys.readouterr().err
    assert len(units()) == 2


def test_the_tree_is_at_most_ten_levels_deep(root: UUID, capsys: pytest.CaptureFixture[str]) -> None:
    """product.md §2.2: depth ≤ 10."""
    above = "SITE"
    for level in range(2, 11):
        assert main(["unit", "add", f"U{level}", "--name", f"Level {level}", "--parent", above]) == 0
        above = f"U{level}"
    assert main(["unit", "add", "U11", "--name", "Level 11", "--parent", above]) == 2
    assert "at most 10 levels" in capsys.readouterr().err
