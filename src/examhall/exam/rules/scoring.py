"""Score a response by the key. The server does it after the fact; the client never learns a point."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from examhall.base.words import InteractionKind
from examhall.exam.rules.qti.key import ItemKey, Method, ToleranceMode

__all__ = ["Response", "Score", "is_answered", "score"]

Response = str | Sequence[str] | None
"""As the client sends it: a string, a list of choice identifiers, or nothing."""

_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<digits>\d+(?:[.,]\d+)*|[.,]\d+)(?P<exponent>(?:[eE][+-]?\d{1,3})?)")
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,]\d{3})+")
_BETWEEN_DIGITS = re.compile(r"[\s'\u2019_]")
"""Spaces and apostrophes that group digits."""
_MINUS = "\u2212"
_MAX_NUMBER_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Score:
    points: float | None
    """None: a person marks it."""
    max_score: float


def is_answered(response: Response) -> bool:
    if response is None:
        return False
    return bool(response.strip()) if isinstance(response, str) else any(part.strip() for part in response)


def score(key: ItemKey, response: Response) -> Score:
    """The points of one response. An empty one gets 0, except where a person marks: there it stays None."""
    if key.method is Method.MANUAL:
        return Score(None, key.max_score)
    if not is_answered(response):
        return Score(0.0, key.max_score)
    given = [response] if isinstance(response, str) else [part for part in response or () if part.strip()]
    if key.kind in {InteractionKind.SINGLE_CHOICE, InteractionKind.MULTIPLE_CHOICE}:
        points = _choices(key, given)
    elif len(given) != 1:
        points = 0.0
    elif key.kind is InteractionKind.NUMBER:
        points = _number(key, given[0])
    else:
        points = _text(key, given[0])
    return Score(points, key.max_score)


def _choices(key: ItemKey, given: list[str]) -> float:
    chosen = set(given)
    if key.kind is InteractionKind.SINGLE_CHOICE and len(chosen) > 1:
        return 0.0
    if key.method is Method.MATCH:
        return key.max_score if chosen == set(key.correct) else 0.0
    points = {entry.value: entry.points for entry in key.mapped}
    return _bounded(key, sum(points.get(choice, key.default_points) for choice in chosen))


def _text(key: ItemKey, given: str) -> float:
    if key.method is Method.MATCH:
        right = any(_same(given, correct, case_sensitive=key.case_sensitive) for correct in key.correct)
        return key.max_score if right else 0.0
    for entry in key.mapped:
        if _same(given, entry.value, case_sensitive=entry.case_sensitive):
            return _bounded(key, entry.points)
    return _bounded(key, key.default_points)


def _same(given: str, correct: str, *, case_sensitive: bool) -> bool:
    """Equal but for spaces at the ends and their number inside, and for how a keyboard composes letters."""
    one, other = (" ".join(unicodedata.normalize("NFC", text).split()) for text in (given, correct))
    return one == other if case_sensitive else one.casefold() == other.casefold()


def _number(key: ItemKey, given: str) -> float:
    readings = _readings(given)
    if key.method is Method.MATCH:
        right = any(_near(key, reading, Decimal(correct)) for reading in readings for correct in key.correct)
        return key.max_score if right else 0.0
    for entry in key.mapped:
        if any(_near(key, reading, Decimal(entry.value)) for reading in readings):
            return _bounded(key, entry.points)
    return _bounded(key, key.default_points) if readings else 0.0


def _readings(text: str) -> list[Decimal]:
    """What the typed number may mean: `3,5` is 3.5, `1 234` is 1234, `1,234` is either 1.234 or 1234.

    Both are tried, so that nobody loses a point by the habit of their country.
    """
    typed = _NUMBER.fullmatch(_BETWEEN_DIGITS.sub("", text[: _MAX_NUMBER_LENGTH + 1]).replace(_MINUS, "-"))
    if typed is None or len(text) > _MAX_NUMBER_LENGTH:
        return []
    digits = typed["digits"]
    decimal_at = max(digits.rfind(","), digits.rfind("."))
    readings = []
    if decimal_at < 0:
        readings = [digits]
    elif digits[:decimal_at].count(digits[decimal_at]) == 0:
        readings = [re.sub("[.,]", "", digits[:decimal_at]) + "." + digits[decimal_at + 1 :]]
    if len(set(digits) & {",", "."}) == 1 and _GROUPED.fullmatch(digits):
        readings.append(re.sub("[.,]", "", digits))
    return [Decimal(typed["sign"] + reading + typed["exponent"]) for reading in readings]


def _near(key: ItemKey, given: Decimal, correct: Decimal) -> bool:
    allowed = key.tolerance
    if allowed.mode is ToleranceMode.EXACT:
        return given == correct
    below, above = Decimal(allowed.below), Decimal(allowed.above)
    if allowed.mode is ToleranceMode.RELATIVE:
        below, above = abs(correct) * below / 100, abs(correct) * above / 100
    low, high = correct - below, correct + above
    over = given >= low if allowed.include_below else given > low
    under = given <= high if allowed.include_above else given < high
    return over and under


def _bounded(key: ItemKey, points: float) -> float:
    if key.lower_bound is not None:
        points = max(points, key.lower_bound)
    if key.upper_bound is not None:
        points = min(points, key.upper_bound)
    return points
