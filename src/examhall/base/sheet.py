"""Tables for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence

__all__ = ["sheet"]

_RUN = ("=", "+", "-", "@", "\t", "\r")


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV with a byte order mark, so that spreadsheets read it as UTF-8.

    Text that a spreadsheet would run as a formula gets an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_RUN):
        return f"'{value}"
    return "" if value is None else value
