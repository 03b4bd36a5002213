"""Read a list of candidates from a CSV file: every row is judged, and every fault is told with its row and remedy."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from examhall.base.errors import BadInput, TooLarge
from examhall.base.words import Accommodation
from examhall.exam.rules.accommodation import known
from examhall.people.rules.account import EMAIL, LOGIN, MAX_LENGTH

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "MAX_EXTRA_TIME_MIN",
    "MAX_ROWS",
    "CandidateRow",
    "ImportPlan",
    "RowError",
    "decode",
    "read",
    "rows_of",
]

MAX_BYTES = 5_000_000
MAX_ROWS = 20_000

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "full name", "candidate", "candidate name"),
    "login": ("login", "username", "user name", "user"),
    "student_id": ("student_id", "student id", "student number", "id number", "id"),
    "email": ("email", "e-mail", "mail", "email address", "e-mail address"),
    "extra_time_min": ("extra_time_min", "extra time", "extra minutes", "extra time (min)"),
    "accommodations": ("accommodations", "arrangements"),
}
"""Our word for each column → the headings it is known by, compared without case."""

_REQUIRED = ("name", "login")
MAX_EXTRA_TIME_MIN = 480


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One person of the file."""

    row: int
    """As a spreadsheet numbers it: the heading is row 1."""
    name: str
    login: str
    student_id: str
    email: str
    extra_time_min: int
    accommodations: tuple[Accommodation, ...] = ()


@dataclass(frozen=True, slots=True)
class RowError:
    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. Nothing is written while `errors` holds anything."""

    rows: tuple[CandidateRow, ...]
    errors: tuple[RowError, ...]
    encoding: str


def decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding.

    UTF-8 with or without a mark, UTF-16 with a mark, or what older spreadsheets write in western Europe. Raises
    BadInput for what is none of them (a spreadsheet file, an image), TooLarge above `MAX_BYTES`.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it.", fields={"file": "Split the file."}
        )
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16"), "UTF-16"
        text, encoding = content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        text, encoding = _western(content), "Windows-1252"
    if _looks_binary(text):
        raise _unreadable()
    return text, encoding


def read(content: bytes, *, taken_student_ids: Mapping[str, str]) -> ImportPlan:
    """Judge the whole file without writing anything.

    taken_student_ids: student id → the login that holds it, in this site. Somebody registered already comes back as a
    row all the same, since registering twice changes nothing (product.md §2.4).
    Raises BadInput if the file is no text, has no rows, or lacks a needed column.
    """
    text, encoding = decode(content)
    lines = rows_of(text)
    if len(lines) < 2:
        raise BadInput(
            "The file has no candidates.", fields={"file": "Put one candidate in each row below the heading."}
        )
    if len(lines) > MAX_ROWS + 1:
        raise TooLarge(f"The file has more than {MAX_ROWS} rows.", fields={"file": "Split the file."})
    at = _columns(lines[0][1])
    rows: list[CandidateRow] = []
    errors: list[RowError] = []
    for number, line in lines[1:]:
        cells = {column: line[index] if index < len(line) else "" for column, index in at.items()}
        found = _faults(number, cells)
        errors += found
        if not found:
            rows.append(_row(number, cells))
    errors += _clashes(rows, taken_student_ids)
    faulty = {error.row for error in errors}
    kept = tuple(row for row in rows if row.row not in faulty)
    return ImportPlan(kept, tuple(sorted(errors, key=lambda error: error.row)), encoding)


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    """Each row that holds something, numbered as a spreadsheet does, its cells trimmed. Raises BadInput."""
    reader = csv.reader(io.StringIO(text, newline=""), _dialect(text), strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader]
    except csv.Error as error:
        raise BadInput(
            f"Row {reader.line_num} cannot be read: {error}.", fields={"file": "Save the list as CSV once more."}
        ) from error
    return [(number, line) for number, line in lines if any(line)]


def _western(content: bytes) -> str:
    """Latin-1 with the printable signs older systems put into its holes; a broken UTF-16 file is no such text."""
    try:
        if not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("cp1252")
    except UnicodeDecodeError:
        pass
    raise _unreadable()


def _unreadable() -> BadInput:
    return BadInput(
        "The file is not a text file.",
        fields={
            "file": "This is not a text file: save the list as “CSV UTF-8” in the spreadsheet program and choose that."
        },
    )


def _looks_binary(text: str) -> bool:
    """Control characters no list has: nearly any bytes read as western text, and a picture is no list."""
    return any((ord(sign) < 32 and sign not in "\t\r\n") or 0x7F <= ord(sign) < 0xA0 for sign in text[:4096])


def _dialect(text: str) -> type[csv.Dialect]:
    """By the heading: the separator that occurs most often in it."""
    heading = text.split("\n", 1)[0]

    class Dialect(csv.excel):
        delimiter = max(",;\t", key=heading.count)

    return Dialect


def _columns(heading: list[str]) -> dict[str, int]:
    names = [cell.casefold() for cell in heading]
    at = {
        column: names.index(known) for column, headings in COLUMNS.items() for known in headings[::-1] if known in names
    }
    missing = [column for column in _REQUIRED if column not in at]
    if missing:
        raise BadInput(
            f"The heading has no column {' and no column '.join(missing)}.",
            fields={"file": f"Begin the file with a row such as: {', '.join(COLUMNS)}."},
        )
    return at


def _faults(number: int, cells: Mapping[str, str]) -> list[RowError]:
    found: list[RowError] = []
    if not cells["name"]:
        found.append(RowError(number, "name", "The name is missing. Write it, or remove the row."))
    if not cells["login"]:
        found.append(RowError(number, "login", "The login is missing. Write it, or remove the row."))
    elif not LOGIN.fullmatch(cells["login"]):
        found.append(RowError(number, "login", "A login has only letters, digits and . @ + - _."))
    if cells.get("email") and not EMAIL.fullmatch(cells["email"]):
        found.append(
            RowError(
                number,
                "email",
                f"“{cells['email'][:60]}” is no e-mail address. Write one such as nora@example.org, or leave it empty.",
            )
        )
    extra = cells.get("extra_time_min", "")
    if extra and not (extra.isascii() and extra.isdigit() and int(extra[:9]) <= MAX_EXTRA_TIME_MIN):
        found.append(RowError(number, "extra_time_min", f"Enter whole minutes from 0 to {MAX_EXTRA_TIME_MIN}."))
    if unknown := set(_words(cells)) - set(Accommodation):
        listed = f"Use {', '.join(Accommodation)}, with spaces between them."
        found.append(RowError(number, "accommodations", f"“{min(unknown)[:60]}” is no accommodation. {listed}"))
    found += [
        RowError(number, column, f"This has more than {MAX_LENGTH} characters.")
        for column, cell in cells.items()
        if len(cell) > MAX_LENGTH
    ]
    return found


def _row(number: int, cells: Mapping[str, str]) -> CandidateRow:
    return CandidateRow(
        row=number,
        name=cells["name"],
        login=cells["login"],
        student_id=cells.get("student_id", ""),
        email=cells.get("email", ""),
        extra_time_min=int(cells.get("extra_time_min") or 0),
        accommodations=known(_words(cells)),
    )


def _words(cells: Mapping[str, str]) -> list[str]:
    """Separated by anything a spreadsheet would put between them but the file's own separator."""
    return re.split(r"[\s;,|+]+", cells["accommodations"].lower()) if cells.get("accommodations") else []


def _clashes(rows: list[CandidateRow], taken_student_ids: Mapping[str, str]) -> list[RowError]:
    """Rows that name a person twice, or a student id that is another person's."""
    errors: list[RowError] = []
    logins: dict[str, int] = {}
    ids: dict[str, int] = {}
    for row in rows:
        first = logins.setdefault(row.login.casefold(), row.row)
        if first != row.row:
            errors.append(RowError(row.row, "login", f"This login is already in row {first}."))
        if not row.student_id:
            continue
        first = ids.setdefault(row.student_id, row.row)
        if first != row.row:
            errors.append(RowError(row.row, "student_id", f"This student id is already in row {first}."))
        holder = taken_student_ids.get(row.student_id)
        if holder is not None and holder.casefold() != row.login.casefold():
            errors.append(RowError(row.row, "student_id", "This student id belongs to another account."))
    return errors
