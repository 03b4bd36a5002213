"""Lists of candidates as people save them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.errors import BadInput, TooLarge
from examhall.exam.rules.candidates_csv import ImportPlan, read

HEAD = "name,login,student_id,email\n"


def plan(text: str, **taken: str) -> ImportPlan:
    return read(text.encode(), taken_student_ids=taken)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_read_in_every_usual_encoding(encoding: str) -> None:
    """issue 2, Bad input: CSV with wrong encoding."""
    found = read((HEAD + "José Peña,jpena,7,j@x.pt\n").encode(encoding), taken_student_ids={})
    assert [(row.name, row.login, row.student_id) for row in found.rows] == [("José Peña", "jpena", "7")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_usual_separator_and_heading_is_understood(separator: str) -> None:
    """issue 2 §6: candidates by CSV."""
    text = (
        separator.join(["Student ID", "Full name", "Username"]) + "\r\n" + separator.join(["7", "Ana", "ana"]) + "\r\n"
    )
    assert [(row.row, row.name, row.login, row.student_id) for row in plan(text).rows] == [(2, "Ana", "ana", "7")]


@pytest.mark.parametrize(
    ("lines", "row", "column"),
    [
        ("Ana,ana,1,\nBo,bo,1,\n", 3, "student_id"),
        ("Ana,ana,1,\nBo,ANA,2,\n", 3, "login"),
        (",ana,1,\n", 2, "name"),
        ("Ana,,1,\n", 2, "login"),
        ("Ana,a b,1,\n", 2, "login"),
        ("Ana,ana,1,ana@\n", 2, "email"),
        ("Ana,ana,1,one@x.pt two@x.pt\n", 2, "email"),
        ("Ana,ana,99,\n", 2, "student_id"),
        (f"{'A' * 151},ana,1,\n", 2, "name"),
    ],
)
def test_each_fault_is_told_with_its_row_and_column(lines: str, row: int, column: str) -> None:
    """issue 2 §6: per-row errors; duplicate ids, duplicate logins, missing names, bad e-mail."""
    found = read((HEAD + lines).encode(), taken_student_ids={"99": "somebody"})
    assert [(error.row, error.column) for error in found.errors] == [(row, column)]
    assert row not in [kept.row for kept in found.rows]


def test_good_rows_are_kept_beside_bad_ones() -> None:
    """product.md §4.4, A5: dry run with per-row errors."""
    found = plan(HEAD + "Ana,ana,1,\n,bo,2,\n\nCy,cy,3,cy@x.pt\n")
    assert ([row.login for row in found.rows], len(found.errors)) == (["ana", "cy"], 1)


def test_the_same_person_again_is_no_clash() -> None:
    """product.md §2.4: a duplicate returns the existing registration."""
    assert plan(HEAD + "Ana,ana,1,\n", **{"1": "Ana"}).errors == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name,login\n",
        b"first,second\na,b\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04\x14\x00\x00\x00",
        "name,login\nAna,ana\n".encode("utf-16-le"),
        b"\xff\xfen\x00a",
        b'name,login\n"Ana,ana\n',
        b"name,login\nA\x81na,ana\n",
    ],
)
def test_what_is_no_list_is_refused_with_the_remedy_at_the_file(content: bytes) -> None:
    """issue 2, Bad input: CSV with wrong encoding."""
    with pytest.raises(BadInput) as refused:
        read(content, taken_student_ids={})
    assert list(refused.value.fields) == ["file"]


def test_a_huge_list_is_refused() -> None:
    """issue 2, Bad input: sizes are bounded."""
    with pytest.raises(TooLarge):
        read(b"x" * 5_000_001, taken_student_ids={})
    with pytest.raises(TooLarge):
        plan("name,login\n" + "a,b\n" * 20_001)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_plan_or_a_refusal(content: bytes) -> None:
    """issue 2, Bad input: whatever is uploaded, the answer is a plan or a sentence."""
    try:
        found = read(b"name,login\n" + content, taken_student_ids={})
    except BadInput as refused:
        assert refused.message
    else:
        assert len(found.rows) + len(found.errors) > 0
