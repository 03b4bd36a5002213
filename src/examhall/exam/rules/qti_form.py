"""Build a QTI 3 item from the fields of a form, for the five kinds; the import path then reads it like any other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from lxml import etree

from examhall.base.errors import BadInput
from examhall.base.words import InteractionKind
from examhall.exam.rules.qti.tree import QTI3

__all__ = ["MAX_CHOICES", "Choice", "ItemForm", "build"]

MAX_CHOICES = 20
MAX_TEXT = 20_000
MAX_POINTS = 1_000
_NOT_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class ItemForm:
    """What an author filled in; which fields count depends on the kind."""

    kind: InteractionKind
    title: str
    prompt: str
    """Plain text; an empty line begins a paragraph."""
    points: str = "1"
    choices: tuple[Choice, ...] = ()
    shuffle: bool = False
    answers: tuple[str, ...] = ()
    """Short text: every accepted one."""
    case_sensitive: bool = False
    number: str = ""
    tolerance: str = "0"
    """How far from the number is still right, in its unit."""
    lines: int = field(default=6)
    """Essay: height of the answer box."""


_BASE_TYPES: Mapping[InteractionKind, tuple[str, str]] = {
    InteractionKind.SINGLE_CHOICE: ("single", "identifier"),
    InteractionKind.MULTIPLE_CHOICE: ("multiple", "identifier"),
    InteractionKind.SHORT_TEXT: ("single", "string"),
    InteractionKind.NUMBER: ("single", "float"),
    InteractionKind.ESSAY: ("single", "string"),
}


def build(form: ItemForm) -> bytes:
    """The item as QTI 3 with its key inside, UTF-8. Raises BadInput naming every field to mend."""
    faults = _faults(form)
    if faults:
        raise BadInput("The question is not complete.", fields=faults)
    points = _plain(form.points)
    item = etree.Element(_name("assessment-item"), nsmap={None: QTI3})  # type: ignore[dict-item]
    for name, value in (("identifier", "item"), ("title", form.title.strip()), ("time-dependent", "false")):
        item.set(name, value)
    item.append(_response(form, points))
    outcome = _added(item, "outcome-declaration", identifier="SCORE", cardinality="single")
    outcome.set("base-type", "float")
    outcome.set("normal-maximum", points)
    item.append(_body(form))
    if form.kind is not InteractionKind.ESSAY:
        item.append(_processing(form, points))
    return etree.tostring(item, encoding="utf-8", xml_declaration=True)


def _faults(form: ItemForm) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not form.title.strip():
        faults["title"] = "Enter a title."
    if not form.prompt.strip():
        faults["prompt"] = "Enter the question."
    faults |= {name: f"Shorten it to {MAX_TEXT} characters." for name, text in _texts(form) if len(text) > MAX_TEXT}
    faults |= {name: "Remove the invisible signs." for name, text in _texts(form) if _unprintable(text)}
    points = _decimal(form.points)
    if points is None or not 0 < points <= MAX_POINTS:
        faults["points"] = f"Enter a number above 0, up to {MAX_POINTS}."
    return faults | _kind_faults(form)


def _kind_faults(form: ItemForm) -> dict[str, str]:
    match form.kind:
        case InteractionKind.SINGLE_CHOICE | InteractionKind.MULTIPLE_CHOICE:
            return _choice_faults(form)
        case InteractionKind.SHORT_TEXT if not any(answer.strip() for answer in form.answers):
            return {"answers": "Enter at least one accepted answer."}
        case InteractionKind.NUMBER:
            faults = {} if _decimal(form.number) is not None else {"number": "Enter the correct number."}
            tolerance = _decimal(form.tolerance or "0")
            if tolerance is None or tolerance < 0:
                faults["tolerance"] = "Enter 0 or a positive number."
            return faults
        case InteractionKind.NEEDS_REVIEW:
            return {"kind": "Choose a kind of question."}
    return {}


def _choice_faults(form: ItemForm) -> dict[str, str]:
    right = sum(choice.right for choice in form.choices)
    if not 2 <= len(form.choices) <= MAX_CHOICES or not all(choice.text.strip() for choice in form.choices):
        return {"choices": f"Enter 2 to {MAX_CHOICES} choices, none of them empty."}
    if form.kind is InteractionKind.SINGLE_CHOICE and right != 1:
        return {"choices": "Mark exactly one choice as right."}
    if right == 0:
        return {"choices": "Mark at least one choice as right."}
    return {}


def _response(form: ItemForm, points: str) -> etree._Element:
    cardinality, base_type = _BASE_TYPES[form.kind]
    declaration = etree.Element(_name("response-declaration"), identifier="RESPONSE", cardinality=cardinality)
    declaration.set("base-type", base_type)
    right = _right(form)
    if right:
        response = _added(declaration, "correct-response")
        for value in right:
            _added(response, "value").text = value
    if form.kind is InteractionKind.SHORT_TEXT:
        mapping = _added(declaration, "mapping")
        mapping.set("default-value", "0")
        for value in right:
            entry = _added(mapping, "map-entry")
            entry.set("map-key", value)
            entry.set("mapped-value", points)
            entry.set("case-sensitive", "true" if form.case_sensitive else "false")
    return declaration


def _right(form: ItemForm) -> list[str]:
    match form.kind:
        case InteractionKind.SINGLE_CHOICE | InteractionKind.MULTIPLE_CHOICE:
            return [f"choice_{number}" for number, choice in enumerate(form.choices, 1) if choice.right]
        case InteractionKind.SHORT_TEXT:
            return list(dict.fromkeys(answer.strip() for answer in form.answers if answer.strip()))
        case InteractionKind.NUMBER:
            return [_plain(form.number)]
    return []


def _body(form: ItemForm) -> etree._Element:
    body = etree.Element(_name("item-body"))
    match form.kind:
        case InteractionKind.SINGLE_CHOICE | InteractionKind.MULTIPLE_CHOICE:
            single = form.kind is InteractionKind.SINGLE_CHOICE
            interaction = _added(body, "choice-interaction", shuffle="true" if form.shuffle else "false")
            interaction.set("response-identifier", "RESPONSE")
            interaction.set("max-choices", "1" if single else "0")
            _paragraphs(_added(interaction, "prompt"), form.prompt)
            for number, choice in enumerate(form.choices, 1):
                _added(interaction, "simple-choice", identifier=f"choice_{number}").text = choice.text.strip()
        case InteractionKind.ESSAY:
            interaction = _added(body, "extended-text-interaction")
            interaction.set("response-identifier", "RESPONSE")
            interaction.set("expected-lines", str(min(max(form.lines, 1), 60)))
            _paragraphs(_added(interaction, "prompt"), form.prompt)
        case _:
            _paragraphs(body, form.prompt)
            line = etree.SubElement(body, f"{{{QTI3}}}p")
            interaction = _added(line, "text-entry-interaction")
            interaction.set("response-identifier", "RESPONSE")
            interaction.set("expected-length", "12" if form.kind is InteractionKind.NUMBER else "40")
    return body


def _processing(form: ItemForm, points: str) -> etree._Element:
    processing = etree.Element(_name("response-processing"))
    if form.kind is InteractionKind.SHORT_TEXT:
        processing.set("template", "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/map_response.xml")
        return processing
    branch = _added(_added(processing, "response-condition"), "response-if")
    numeric = form.kind is InteractionKind.NUMBER
    compared = _added(branch, "equal" if numeric else "match")
    if numeric:
        tolerance = _plain(form.tolerance or "0")
        compared.set("tolerance-mode", "absolute")
        compared.set("tolerance", f"{tolerance} {tolerance}")
    _added(compared, "variable", identifier="RESPONSE")
    _added(compared, "correct", identifier="RESPONSE")
    outcome = _added(branch, "set-outcome-value", identifier="SCORE")
    value = _added(outcome, "base-value")
    value.set("base-type", "float")
    value.text = points
    return processing


def _paragraphs(parent: etree._Element, text: str) -> None:
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        made = etree.SubElement(parent, f"{{{QTI3}}}p")
        first, *rest = paragraph.split("\n")
        made.text = first
        for line in rest:
            etree.SubElement(made, f"{{{QTI3}}}br").tail = line


def _texts(form: ItemForm) -> list[tuple[str, str]]:
    return [
        ("title", form.title),
        ("prompt", form.prompt),
        *(("choices", choice.text) for choice in form.choices),
        *(("answers", answer) for answer in form.answers),
    ]


def _unprintable(text: str) -> bool:
    """Signs that XML cannot hold."""
    return _NOT_XML.search(text) is not None


def _decimal(text: str) -> Decimal | None:
    """A plain number with decimal point or comma."""
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 30 and len(text) <= 40 else None


def _plain(text: str) -> str:
    number = _decimal(text)
    return format(number, "f") if number is not None else "0"


def _name(local: str) -> str:
    return f"{{{QTI3}}}qti-{local}"


def _added(parent: etree._Element, local: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, _name(local), attributes)
