"""`examhall fairness`: the report on the server, by labels that nobody keeps."""

import csv
import io
import re
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.db import models
from tests.fixtures.crowd import WINDOWS, attend
from tests.fixtures.sitting import open_exam

from examhall.base.clock import SetClock
from examhall.people.actions.people import add_person
from examhall.site.cli.main import main

pytestmark = pytest.mark.django_db

DETECTOR = "speech 1, rules 4"
PEOPLE = [f"p{place}" for place in range(40)]


@pytest.fixture
def people(root: UUID) -> None:
    for login in PEOPLE:
        add_person(login, name=login.title(), student_id=f"4410-{login}")


@pytest.fixture
def sat(root: UUID, clock: SetClock) -> None:
    """40 people for an hour; 16 of the first 20 were marked, 4 of the others."""
    exam = open_exam(root)
    attend(exam, clock, PEOPLE[:20], user_agent=WINDOWS, marked=16)
    attend(exam, clock, PEOPLE[20:], user_agent=WINDOWS, marked=4)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """One half by login, the other by student id."""
    rows = [f"{login},,Skin tone,umber" for login in PEOPLE[:20]]
    rows += [f",4410-{login},Skin tone,ochre" for login in PEOPLE[20:]]
    path = tmp_path / "groups.csv"
    path.write_text("\n".join(["login,student_id,kind,label", *rows]), encoding="utf-8")
    return path


def kept_words() -> set[str]:
    """Every word of every text in the database."""
    texts = (models.CharField, models.TextField, models.JSONField)
    return {
        word
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, texts)
        for value in model._default_manager.values_list(field.name, flat=True)
        for word in re.findall(r"\w+", str(value))
    }


def test_labels_that_were_handed_in_become_groups_and_are_kept_nowhere(
    sat: None, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """product.md §11.4: by group only if the site supplies voluntary labels. Long: groups are of twenty people."""
    assert main(["fairness"]) == 0
    without = capsys.readouterr().out
    assert "40 analysed sessions entered since 2025-11-23" in without
    assert "Skin tone" not in without
    assert main(["fairness", "--groups", str(labels)]) == 0
    said = capsys.readouterr().out
    assert "Speech, incidents an hour: 0.50 (20 in 40.0 h)" in said
    assert re.search(
        r"Skin tone: umber: 0\.80 \(20 people\); 4\.00 times as for the others \(1\.\d\d to [\d.]+\); Higher", said
    )
    assert "Skin tone: ochre: 0.20 (20 people); 0.25 times as for the others" in said
    assert main(["fairness", "--groups", str(labels), "--csv", "--since", "2026-11-23"]) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out.lstrip("\ufeff"))))
    spoken = {row["group"]: row for row in table if (row["detection"], row["counted"]) == ("Speech", "per_hour")}
    assert (spoken["everybody"]["events"], spoken["everybody"]["out_of"]) == ("20", "40.0")
    umber = spoken["umber"]
    assert (umber["detector"], umber["grouped_by"], umber["says"]) == (
        DETECTOR,
        "Skin tone",
        "Higher than for the others",
    )
    assert (umber["people"], umber["figure"], umber["ratio"]) == ("20", "0.8", "4.0")
    words = kept_words()
    assert "4410" in words
    assert words.isdisjoint({"umber", "ochre", "Skin"})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nobody,,Skin tone,umber", "row 42, login: There is no person “nobody”. Correct it, or remove the row."),
        (",9999,Skin tone,umber", "row 42, student_id: There is no person “9999”."),
        ("p0,,Skin tone,ochre", "row 42, login: “p0” has a Skin tone in row 2. Keep one."),
        (",4410-p0,Skin tone,ochre", "row 42, student_id: “4410-p0” has a Skin tone in another row."),
        ("p0,,Device,new", "row 42, kind: “Device” is in the report already."),
        ("p0,,Glasses", "row 42, label: This is empty."),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_printed(
    people: None, labels: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    """product.md §11.4: half a report would be read as a whole one."""
    labels.write_text(f"{labels.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    assert main(["fairness", "--groups", str(labels)]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_other_mistakes_are_told_with_their_remedy(
    root: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """product.md §11.4: no such file, not UTF-8, no such day."""
    assert main(["fairness", "--groups", str(tmp_path / "absent.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    latin = tmp_path / "latin.csv"
    latin.write_bytes("login,kind,label\np0,Brille,für\n".encode("latin-1"))
    assert main(["fairness", "--groups", str(latin)]) == 2
    assert "row 2: this is not UTF-8" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["fairness", "--since", "yesterday"])
    assert main(["fairness"]) == 0
    assert "No exam was analysed yet." in capsys.readouterr().out
