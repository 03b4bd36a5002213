"""Byte ranges of RFC 9110 §14, one at a time: that is all a player asks for."""

import re

_ONE_RANGE = re.compile(r"bytes=(?P<first>\d{0,15})-(?P<last>\d{0,15})")


class Unsatisfiable(ValueError):
    """The range lies outside the content."""


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Offset and length asked for; None means the whole content (no header, or one that is not understood).

    Raises Unsatisfiable when the range begins behind the end.
    """
    found = _ONE_RANGE.fullmatch(header.strip())
    if found is None or not (found["first"] or found["last"]):
        return None
    if not found["first"]:
        length = min(int(found["last"]), size)
        if length == 0:
            raise Unsatisfiable
        return size - length, length
    first = int(found["first"])
    last = min(int(found["last"]), size - 1) if found["last"] else size - 1
    if found["last"] and int(found["last"]) < first:
        return None
    if first >= size:
        raise Unsatisfiable
    return first, last - first + 1
