"""Split one item into what a candidate may see and its answer key; what cannot be shown or scored yet needs review."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

from examhall.base.errors import BadInput
from examhall.base.words import InteractionKind
from examhall.exam.rules.qti.content import Copy, Media
from examhall.exam.rules.qti.key import ItemKey, Mapped, Method, Tolerance, ToleranceMode
from examhall.exam.rules.qti.processing import Processing, read_processing
from examhall.exam.rules.qti.tree import MATHML, QTI3, all_named, child, flag, name_of, parse, text_of

__all__ = ["SplitItem", "split"]

_KINDS: Mapping[tuple[str, str, str], InteractionKind] = {
    ("qti-choice-interaction", "single", "identifier"): InteractionKind.SINGLE_CHOICE,
    ("qti-choice-interaction", "multiple", "identifier"): InteractionKind.MULTIPLE_CHOICE,
    ("qti-text-entry-interaction", "single", "string"): InteractionKind.SHORT_TEXT,
    ("qti-text-entry-interaction", "single", "float"): InteractionKind.NUMBER,
    ("qti-text-entry-interaction", "single", "integer"): InteractionKind.NUMBER,
    ("qti-extended-text-interaction", "single", "string"): InteractionKind.ESSAY,
}


_CHOICES = (InteractionKind.SINGLE_CHOICE, InteractionKind.MULTIPLE_CHOICE)


@dataclass(frozen=True, slots=True)
class SplitItem:
    """One item, its two halves apart."""

    identifier: str
    """The source's own; candidates never see it."""
    title: str
    kind: InteractionKind
    public_xml: bytes
    """QTI 3, UTF-8; empty for what needs review."""
    key: ItemKey
    review_reason: str = ""
    """Why it needs review, as a sentence; empty otherwise."""


class _NeedsReviewError(Exception):
    """Carries the reason out of the reading of one item; never leaves this module."""


def split(item_xml: bytes, *, salt: bytes, media: Media | None = None) -> SplitItem:
    """The two halves of an item.

    salt: random bytes kept with the key; choice identifiers are replaced by ones made with it, because sources name or
    order choices by whether they are right. The public half is built by copying what is allowed: no correct response,
    mapping, response processing, outcome, feedback, hint or rubric for staff is in it.
    Raises BadInput if this is no QTI item or no safe XML; an item that is merely not understood comes back as
    NEEDS_REVIEW with the reason, never dropped (issue 2, "Bad input").
    """
    root = parse(item_xml)
    if name_of(root) != "qti-assessment-item":
        raise BadInput(f"This is not a question but <{name_of(root)[:60]}>.")
    identifier = root.get("identifier", "").strip()[:200]
    title = (root.get("title", "").strip() or identifier or "Untitled question")[:300]
    try:
        kind, key, public = _halves(root, salt, media or Media(), title)
    except _NeedsReviewError as reason:
        key = ItemKey(kind=InteractionKind.NEEDS_REVIEW, method=Method.MANUAL, max_score=0.0)
        return SplitItem(identifier, title, key.kind, b"", key, str(reason))
    return SplitItem(identifier, title, kind, public, key)


def _halves(root: etree._Element, salt: bytes, media: Media, title: str) -> tuple[InteractionKind, ItemKey, bytes]:
    body = child(root, "qti-item-body")
    if body is None:
        raise _NeedsReviewError("It has no body.")
    if flag(root, "adaptive", default=False) or next(all_named(root, "qti-template-declaration"), None) is not None:
        raise _NeedsReviewError(
            "It changes while it is answered (adaptive or from a template), which is not supported."
        )
    interaction = _only_interaction(body)
    declaration = _declaration(root, interaction.get("response-identifier", ""))
    kind = _kind(interaction, declaration)
    processing = read_processing(root)
    if processing.reason and kind is not InteractionKind.ESSAY:
        raise _NeedsReviewError(processing.reason)
    choices = _renamed(interaction, salt)
    key = _key(kind, declaration, processing, choices)
    copy = Copy(choices, media)
    copied = copy.of(body)
    if copy.reasons:
        raise _NeedsReviewError(f"It cannot be shown whole: {'; '.join(dict.fromkeys(copy.reasons))}.")
    return kind, key, _public(root, copied, kind, title)


def _only_interaction(body: etree._Element) -> etree._Element:
    found = [node for node in body.iter() if name_of(node).endswith("-interaction")]
    if len(found) == 1:
        return found[0]
    if not found:
        raise _NeedsReviewError("It asks for no answer.")
    raise _NeedsReviewError(f"It asks for {len(found)} answers at once, which is not supported.")


def _declaration(root: etree._Element, identifier: str) -> etree._Element:
    for declaration in all_named(root, "qti-response-declaration"):
        if declaration.get("identifier") == identifier:
            return declaration
    raise _NeedsReviewError("It does not declare what kind of answer it expects.")


def _kind(interaction: etree._Element, declaration: etree._Element) -> InteractionKind:
    name = name_of(interaction)
    asked = (name, declaration.get("cardinality", ""), declaration.get("base-type", ""))
    if asked in _KINDS:
        return _KINDS[asked]
    if name not in {known for known, _, _ in _KINDS}:
        raise _NeedsReviewError(f"Its way of answering ({name.removeprefix('qti-')[:60]}) is not supported.")
    raise _NeedsReviewError(f"It expects an answer of another kind ({asked[1][:20]} {asked[2][:20]}), not supported.")


def _renamed(interaction: etree._Element, salt: bytes) -> dict[str, str]:
    names = [node.get("identifier", "") for node in all_named(interaction, "qti-simple-choice")]
    if len(set(names)) != len(names) or "" in names:
        raise _NeedsReviewError("Two of its choices have the same identifier, or one has none.")
    return {name: "c" + hashlib.blake2b(name.encode(), key=salt[:64], digest_size=8).hexdigest() for name in names}


def _key(
    kind: InteractionKind, declaration: etree._Element, processing: Processing, choices: Mapping[str, str]
) -> ItemKey:
    if kind is InteractionKind.ESSAY:
        return ItemKey(kind=kind, method=Method.MANUAL, max_score=processing.declared_max or 1.0)
    correct = [text_of(value) for value in declaration.iterfind("qti-correct-response/qti-value")]
    mapping = child(declaration, "qti-mapping")
    mapped = [] if mapping is None else [_mapped(entry) for entry in all_named(mapping, "qti-map-entry")]
    method = processing.method or (Method.MAP if mapped else Method.MATCH)
    if method is Method.MAP and (mapping is None or not any(entry.points > 0 for entry in mapped)):
        raise _NeedsReviewError("It gives points by a table, but has none with points in it.")
    if method is Method.MATCH and not correct:
        raise _NeedsReviewError("It has no correct response.")
    if choices:
        correct = [_choice(name, choices) for name in correct]
        mapped = [
            Mapped(value=_choice(entry.value, choices), points=entry.points, case_sensitive=True) for entry in mapped
        ]
    elif kind is InteractionKind.NUMBER:
        for number in [*correct, *(entry.value for entry in mapped)]:
            _number(number)
    bounds = {} if mapping is None else {name: mapping.get(name) for name in ("lower-bound", "upper-bound")}
    lower, upper = _points(bounds.get("lower-bound")), _points(bounds.get("upper-bound"))
    return ItemKey(
        kind=kind,
        method=method,
        max_score=_max_score(kind, method, mapped, upper, processing),
        correct=tuple(correct),
        case_sensitive=processing.case_sensitive,
        mapped=tuple(mapped),
        default_points=(_points(mapping.get("default-value")) if mapping is not None else None) or 0.0,
        lower_bound=lower,
        upper_bound=upper,
        tolerance=_tolerance(processing),
    )


def _choice(name: str, choices: Mapping[str, str]) -> str:
    if name not in choices:
        raise _NeedsReviewError("Its key names a choice that it does not offer.")
    return choices[name]


def _mapped(entry: etree._Element) -> Mapped:
    points = _points(entry.get("mapped-value"))
    if points is None:
        raise _NeedsReviewError("A line of its table of points has no points.")
    return Mapped(
        value=entry.get("map-key", "").strip(),
        points=points,
        case_sensitive=flag(entry, "case-sensitive", default=False),
    )


def _points(text: str | None) -> float | None:
    if text is None or not text.strip():
        return None
    number = float(_number(text))
    if abs(number) > 1_000_000:
        raise _NeedsReviewError("Its points are larger than a million.")
    return number


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(text) > 64:
        raise _NeedsReviewError("Its key holds something that should be a number and is none.")
    return number


def _tolerance(processing: Processing) -> Tolerance:
    if processing.tolerance.mode is not ToleranceMode.EXACT:
        _number(processing.tolerance.below)
        _number(processing.tolerance.above)
    return processing.tolerance


def _max_score(
    kind: InteractionKind, method: Method, mapped: list[Mapped], upper: float | None, processing: Processing
) -> float:
    if method is Method.MATCH:
        return processing.points_if_right or processing.declared_max or 1.0
    if upper is not None:
        return max(upper, 0.0)
    gains = [entry.points for entry in mapped if entry.points > 0]
    return sum(gains) if kind is InteractionKind.MULTIPLE_CHOICE else max(gains)


def _public(root: etree._Element, body: etree._Element, kind: InteractionKind, title: str) -> bytes:
    """The item anew, with only a declaration of the answer's shape in front of the body."""
    made = etree.Element(f"{{{QTI3}}}qti-assessment-item", nsmap={None: QTI3, "m": MATHML})  # type: ignore[dict-item]
    for name, value in (("identifier", "item"), ("title", title), ("adaptive", "false"), ("time-dependent", "false")):
        made.set(name, value)
    if root.get("lang"):
        made.set("{http://www.w3.org/XML/1998/namespace}lang", root.get("lang", "")[:35])
    declaration = etree.SubElement(made, f"{{{QTI3}}}qti-response-declaration")
    declaration.set("identifier", "RESPONSE")
    declaration.set("cardinality", "multiple" if kind is InteractionKind.MULTIPLE_CHOICE else "single")
    # a number is typed as the candidate writes it, with a comma if they like; the server reads it
    declaration.set("base-type", "identifier" if kind in _CHOICES else "string")
    made.append(body)
    etree.cleanup_namespaces(made)
    return etree.tostring(made, encoding="utf-8", xml_declaration=True)
