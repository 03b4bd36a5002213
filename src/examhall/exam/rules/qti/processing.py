"""Read how an item's author wants it scored; only the plain ways are followed, any other is told, not guessed."""

from dataclasses import dataclass

from lxml import etree

from examhall.exam.rules.qti.key import EXACT, Method, Tolerance, ToleranceMode
from examhall.exam.rules.qti.tree import all_named, child, flag, name_of, text_of

__all__ = ["Processing", "read_processing"]

_CUSTOM = "It has scoring rules of its own, which are not supported."
_TEMPLATES = {
    "match_correct": Method.MATCH,
    "map_response": Method.MAP,
    "cc2_match": Method.MATCH,
    "cc2_map_response": Method.MAP,
}
_KNOWN = frozenset(
    [
        "qti-response-condition",
        "qti-response-if",
        "qti-response-else",
        "qti-match",
        "qti-equal",
        "qti-string-match",
        "qti-variable",
        "qti-correct",
        "qti-set-outcome-value",
        "qti-base-value",
        "qti-map-response",
        "qti-is-null",
    ]
)
_CONDITIONS = ("qti-match", "qti-equal", "qti-string-match")


@dataclass(frozen=True, slots=True)
class Processing:
    """What the response processing and the outcome say."""

    method: Method | None = None
    """None = not said; then the key itself decides."""
    case_sensitive: bool = True
    tolerance: Tolerance = EXACT
    points_if_right: float | None = None
    declared_max: float | None = None
    """`normal-maximum` of the outcome SCORE, or the default of MAXSCORE."""
    reason: str = ""
    """Why it cannot be followed."""


def read_processing(root: etree._Element) -> Processing:
    declared = _declared_max(root)
    block = child(root, "qti-response-processing")
    if block is None:
        return Processing(declared_max=declared)
    template = block.get("template") or block.get("template-location")
    if template:
        method = _TEMPLATES.get(template.rstrip("/").rsplit("/", 1)[-1].removesuffix(".xml").lower())
        return Processing(method, declared_max=declared, reason="" if method else _CUSTOM)
    if not len(block):
        return Processing(declared_max=declared)
    return _inline(block, declared)


def _inline(block: etree._Element, declared: float | None) -> Processing:
    names = [name_of(node) for node in block.iterdescendants()]
    branches = list(all_named(block, "qti-response-if"))
    comparisons = [node for name in _CONDITIONS for node in all_named(block, name)]
    if not _KNOWN.issuperset(names) or len(branches) > 1 or len(comparisons) > 1 or not _scores_only(block):
        return Processing(declared_max=declared, reason=_CUSTOM)
    if "qti-map-response" in names:
        method = None if comparisons else Method.MAP
        return Processing(method, declared_max=declared, reason="" if method else _CUSTOM)
    if not comparisons or not branches or not _compares_with_key(comparisons[0], branches[0]):
        return Processing(declared_max=declared, reason=_CUSTOM)
    compared = comparisons[0]
    return Processing(
        Method.MATCH,
        case_sensitive=flag(compared, "case-sensitive", default=True),
        tolerance=_tolerance(compared),
        points_if_right=_points(branches[0]),
        declared_max=declared,
    )


def _scores_only(block: etree._Element) -> bool:
    """Whether every outcome set is the score, and whatever the else branch gives is nothing."""
    if any(node.get("identifier") != "SCORE" for node in all_named(block, "qti-set-outcome-value")):
        return False
    return not any(_points(branch) for branch in all_named(block, "qti-response-else"))


def _compares_with_key(compared: etree._Element, branch: etree._Element) -> bool:
    parts = sorted(name_of(node) for node in compared)
    return parts == ["qti-correct", "qti-variable"] and compared.getparent() is branch


def _tolerance(compared: etree._Element) -> Tolerance:
    mode = compared.get("tolerance-mode", "exact")
    amounts = compared.get("tolerance", "").split()
    if mode not in {"absolute", "relative"} or not amounts:
        return EXACT
    return Tolerance(
        mode=ToleranceMode(mode),
        below=amounts[0],
        above=amounts[-1],
        include_below=flag(compared, "include-lower-bound", default=True),
        include_above=flag(compared, "include-upper-bound", default=True),
    )


def _points(branch: etree._Element) -> float | None:
    for outcome in all_named(branch, "qti-set-outcome-value"):
        return _float(text_of(child(outcome, "qti-base-value")))
    return None


def _declared_max(root: etree._Element) -> float | None:
    for outcome in all_named(root, "qti-outcome-declaration"):
        if outcome.get("identifier") == "SCORE" and outcome.get("normal-maximum"):
            return _float(outcome.get("normal-maximum", ""))
        if outcome.get("identifier") == "MAXSCORE":
            return _float(text_of(outcome.find("qti-default-value/qti-value")))
    return None


def _float(text: str) -> float | None:
    """A finite, not negative number of points, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= 1_000_000 else None
