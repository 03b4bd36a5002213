"""XML from strangers → a plain tree: no entity, no network, no document type, bounded; QTI 2.x names become QTI 3."""

import re
from collections.abc import Iterator

from lxml import etree

from examhall.base.errors import BadInput, TooLarge

__all__ = ["MATHML", "MAX_XML_BYTES", "QTI3", "all_named", "child", "flag", "name_of", "parse", "text_of"]

QTI3 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
MATHML = "http://www.w3.org/1998/Math/MathML"
XML = "http://www.w3.org/XML/1998/namespace"

MAX_XML_BYTES = 2_000_000
"""An item has some kilobytes; this is far above any real one."""

MAX_ELEMENTS = 20_000
_ENCODINGS = {"utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1", "windows-1252": "cp1252"}
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*?\?>")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"']")
_UPPER = re.compile(r"(?<!^)([A-Z])")
_ONE_WORD_NAMES = frozenset(
    [
        "prompt",
        "value",
        "mapping",
        "match",
        "variable",
        "correct",
        "equal",
        "and",
        "or",
        "not",
        "sum",
        "null",
        "gap",
        "hottext",
        "member",
        "product",
        "subtract",
        "divide",
        "multiple",
        "ordered",
        "contains",
        "substring",
        "inside",
        "index",
    ]
)
"""Names of QTI 2.x without a capital letter, so that they cannot be told from HTML by their look."""


def parse(xml: bytes) -> etree._Element:
    """The root of a plain tree: HTML and QTI elements by local name (QTI 3 spelling), MathML in its namespace.

    Comments and processing instructions are gone. Raises BadInput for anything that is not well-formed, declares a
    document type or an entity, or uses an encoding we do not read; TooLarge above the limits.
    """
    if len(xml) > MAX_XML_BYTES:
        raise TooLarge(f"The question is larger than {MAX_XML_BYTES // 1_000_000} MB.")
    text = _DECLARATION.sub("", _decoded(xml), count=1)
    # looked for in the text itself: entities in attribute values would be expanded before anyone could look
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadInput("The question declares a document type, which is refused: remove the DOCTYPE.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise BadInput(f"The question is not well-formed XML: {str(error.msg)[:200]}.") from error
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise TooLarge(f"The question has more than {MAX_ELEMENTS} elements.")
    return _plain(root, old=etree.QName(root).localname[:1].islower() and "-" not in etree.QName(root).localname)


def name_of(node: etree._Element) -> str:
    """The tag, or nothing for what is no element (an entity reference)."""
    return node.tag if isinstance(node.tag, str) else ""


def all_named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """Every descendant of that name, in document order."""
    return root.iter(name)


def child(node: etree._Element, name: str) -> etree._Element | None:
    return node.find(name)


def text_of(node: etree._Element | None) -> str:
    """All text inside, ends trimmed."""
    return "" if node is None else "".join(str(part) for part in node.itertext()).strip()


def flag(node: etree._Element, attribute: str, *, default: bool) -> bool:
    value = node.get(attribute)
    return default if value is None else value.strip().lower() in {"true", "1"}


def _decoded(xml: bytes) -> str:
    try:
        if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
            return xml.decode("utf-16")
        declared = _DECLARED.match(xml.removeprefix(b"\xef\xbb\xbf")[:300])
        name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
        if name not in _ENCODINGS:
            raise BadInput(f"The question uses the encoding {name[:40]}: save it as UTF-8.")
        return xml.removeprefix(b"\xef\xbb\xbf").decode(_ENCODINGS[name])
    except UnicodeDecodeError as error:
        raise BadInput("The question is not text in the encoding it names: save it as UTF-8.") from error


def _plain(node: etree._Element, *, old: bool) -> etree._Element:
    space, local = etree.QName(node).namespace, etree.QName(node).localname
    if space == MATHML:
        made = etree.Element(f"{{{MATHML}}}{local}")
    else:
        made = etree.Element(_new_name(local) if old else local)
    for attribute, value in node.attrib.items():
        name = etree.QName(str(attribute))
        if name.namespace == XML and name.localname == "lang":
            made.set("lang", str(value))
        elif name.namespace is None:
            made.set(_UPPER.sub(r"-\1", name.localname).lower() if old else name.localname, str(value))
    made.text, made.tail = node.text, node.tail
    for inside in node:
        if isinstance(inside.tag, str):
            made.append(_plain(inside, old=old))
    return made


def _new_name(local: str) -> str:
    """`choiceInteraction` → `qti-choice-interaction`; HTML names stay as they are."""
    if local in _ONE_WORD_NAMES or _UPPER.search(local):
        return "qti-" + _UPPER.sub(r"-\1", local).lower()
    return local
