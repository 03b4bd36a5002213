"""Read voluntary group labels from a CSV file: person, kind of label, label. Every fault is told with its row.

The labels are for one report; nothing here or behind it keeps them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from examhall.base.errors import BadInput, TooLarge
from examhall.exam.rules.candidates_csv import COLUMNS as PERSON_COLUMNS
from examhall.exam.rules.candidates_csv import MAX_BYTES, RowError, rows_of

COLUMNS = ("login", "student_id", "kind", "label")
MAX_LABEL = 60
_FAULTS_TOLD = 20


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One label of one person, who is named by login or, without one, by student id."""

    row: int
    login: str
    student_id: str
    kind: str
    label: str

    @property
    def who(self) -> str:
        return self.login or self.student_id

    @property
    def column(self) -> str:
        return "login" if self.login else "student_id"


def read_groups(content: bytes, *, taken: Collection[str] = ()) -> list[GroupRow]:
    """The whole file, or BadInput with what is wrong in which row. taken: kinds that are the product's own."""
    lines = rows_of(_text(content))
    if len(lines) < 2:
        raise BadInput("The file has no labels. Put one label in each row below the heading.")
    at = _columns(lines[0][1])
    rows, faults = [], []
    for number, line in lines[1:]:
        cells = {column: line[place] if place < len(line) else "" for column, place in at.items()}
        row = GroupRow(number, cells.get("login", ""), cells.get("student_id", ""), cells["kind"], cells["label"])
        rows.append(row)
        faults += _faults(row, {one.casefold() for one in taken})
    refuse([*faults, *_twice(rows)])
    return rows


def refuse(faults: Sequence[RowError]) -> None:
    """Raises BadInput that lists them, when there are any."""
    if faults:
        told = sorted(faults, key=lambda one: one.row)
        lines = [f"  row {one.row}, {one.column}: {one.message}" for one in told[:_FAULTS_TOLD]]
        more = [f"  and {len(told) - _FAULTS_TOLD} more"] if len(told) > _FAULTS_TOLD else []
        raise BadInput("\n".join(["the groups cannot be used; nothing was reckoned.", *lines, *more]))


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise TooLarge(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Is it the right one?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise BadInput(f"row {row}: this is not UTF-8. Save the file as “CSV UTF-8” and give that one.") from error


def _columns(heading: Sequence[str]) -> dict[str, int]:
    names = [cell.casefold() for cell in heading]
    known = {column: PERSON_COLUMNS.get(column, (column,)) for column in COLUMNS}
    at = {column: names.index(word) for column, words in known.items() for word in words[::-1] if word in names}
    missing = [column for column in ("kind", "label") if column not in at]
    if not {"login", "student_id"} & set(at):
        missing.insert(0, "login (or student_id)")
    if missing:
        example = "login,kind,label"
        raise BadInput(f"row 1: the heading has no column {', '.join(missing)}. Begin the file with: {example}")
    return at


def _faults(row: GroupRow, taken: Collection[str]) -> list[RowError]:
    found = []
    if not row.who:
        found.append(RowError(row.row, "login", "The person is missing. Write login or student id, or remove the row."))
    for column, cell in (("kind", row.kind), ("label", row.label)):
        if not cell:
            found.append(RowError(row.row, column, "This is empty. Fill it in, or remove the row."))
        elif len(cell) > MAX_LABEL or not cell.isprintable():
            found.append(RowError(row.row, column, f"Use at most {MAX_LABEL} printable characters."))
    if row.kind.casefold() in taken:
        found.append(RowError(row.row, "kind", f"“{row.kind}” is in the report already. Call yours something else."))
    return found


def _twice(rows: Sequence[GroupRow]) -> list[RowError]:
    found, first = [], dict[tuple[str, str, str], int]()
    for row in rows:
        before = first.setdefault((row.column, row.who, row.kind), row.row)
        if row.who and before != row.row:
            found.append(RowError(row.row, row.column, f"“{row.who}” has a {row.kind} in row {before}. Keep one."))
    return found
