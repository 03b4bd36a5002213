"""What of an item's body a candidate may see: copied by an allow-list, so that what nobody thought of stays behind."""

import base64
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from examhall.exam.rules.qti.tree import MATHML, QTI3, name_of

__all__ = ["MAX_IMAGE_BYTES", "Copy", "Media"]

MAX_IMAGE_BYTES = 1_000_000
"""Images travel inside the item, so that a question is whole once it is there, online or not."""

_HTML = frozenset(
    [
        "abbr",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
        "var",
    ]
)
_INTERACTIONS: Mapping[str, frozenset[str]] = {
    "qti-choice-interaction": frozenset({"max-choices", "min-choices", "orientation", "shuffle"}),
    "qti-prompt": frozenset(),
    "qti-simple-choice": frozenset({"fixed"}),
    "qti-text-entry-interaction": frozenset({"expected-length"}),
    "qti-extended-text-interaction": frozenset({"expected-length", "expected-lines"}),
}
_MATH = frozenset(
    [
        "math",
        "mi",
        "mn",
        "mo",
        "ms",
        "mtext",
        "mspace",
        "mrow",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "merror",
        "mpadded",
        "mphantom",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mmultiscripts",
        "mprescripts",
        "none",
        "mtable",
        "mtr",
        "mtd",
    ]
)
_MATH_ATTRIBUTES = frozenset(
    ["display", "mathvariant", "stretchy", "accent", "accentunder", "columnalign", "rowspan", "columnspan"]
)
_EVERYWHERE = frozenset({"lang", "dir"})
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "img": frozenset({"alt", "width", "height"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "li": frozenset({"value"}),
}
_CLASSES = re.compile(
    r"qti-(choices-stacking-[1-5]|orientation-(horizontal|vertical)|labels-(none|decimal|lower-alpha|upper-alpha)"
    r"|labels-suffix-(none|period|parenthesis)|input-width-\d{1,2}|height-lines-(3|6|15)|align-(left|center|right)"
    r"|well|underline|italic|bold)"
)
_LEFT_OUT = frozenset(
    [
        "script",
        "style",
        "template",
        "qti-feedback-inline",
        "qti-feedback-block",
        "qti-modal-feedback",
        "qti-stylesheet",
        "qti-catalog-info",
        "qti-printed-variable",
    ]
)
"""Left out without a word: they carry answers or code, and the question stands without them."""
_UNWRAPPED = frozenset({"a", "qti-content-body", "article", "header", "main", "label"})
_PICTURES: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


@dataclass(frozen=True, slots=True)
class Media:
    """The files that came with an item."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    """By their path in the package."""
    beside: str = ""
    """Path of the item, from which its addresses count."""


@dataclass(slots=True)
class Copy:
    """One copying of one body. `choices` maps the source's choice identifiers to those candidates see."""

    choices: Mapping[str, str]
    media: Media
    reasons: list[str] = field(default_factory=list)
    """Why a person must look at the item before it is used."""

    def of(self, node: etree._Element) -> etree._Element:
        """The allowed part of `node` with everything inside, in the QTI 3 namespace."""
        made = etree.Element(self._tag(node))
        self._attributes(node, made)
        self._inside(node, made)
        return made

    def _inside(self, node: etree._Element, made: etree._Element) -> None:
        _add_text(made, node.text)
        for inside in node:
            name = name_of(inside)
            if self._is_allowed(inside):
                made.append(self.of(inside))
            elif name in _UNWRAPPED or (name == "qti-rubric-block" and "candidate" in inside.get("view", "").split()):
                self._inside(inside, made)
            elif name not in _LEFT_OUT and name != "qti-rubric-block" and not name.startswith(f"{{{MATHML}}}"):
                self.reasons.append(f"it contains <{name[:40]}>")
            _add_text(made, inside.tail)

    def _is_allowed(self, node: etree._Element) -> bool:
        name = name_of(node)
        if name.startswith(f"{{{MATHML}}}"):
            return etree.QName(node).localname in _MATH
        if name == "img":
            return self._picture(node) is not None
        return name in _HTML or name in _INTERACTIONS

    def _tag(self, node: etree._Element) -> str:
        return name_of(node) if name_of(node).startswith("{") else f"{{{QTI3}}}{name_of(node)}"

    def _attributes(self, node: etree._Element, made: etree._Element) -> None:
        name = name_of(node)
        if name.startswith("{"):
            allowed = _MATH_ATTRIBUTES
        else:
            allowed = _EVERYWHERE | _ATTRIBUTES.get(name, frozenset()) | _INTERACTIONS.get(name, frozenset())
        for attribute, value in node.attrib.items():
            if attribute in allowed and len(str(value)) <= 1000:
                made.set(str(attribute), str(value))
        classes = [word for word in node.get("class", "").split() if _CLASSES.fullmatch(word)]
        if classes:
            made.set("class", " ".join(classes))
        if name == "qti-simple-choice":
            made.set("identifier", self.choices.get(node.get("identifier", ""), "unknown"))
        elif name.endswith("-interaction"):
            made.set("response-identifier", "RESPONSE")
        elif name == "img":
            made.set("src", self._picture(node) or "")

    def _picture(self, node: etree._Element) -> str | None:
        """The picture as an address that holds it, or None with the reason noted."""
        source = node.get("src", "")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.media.beside), unquote(source)))
        content = self.media.files.get(path, b"")
        kind = next((kind for start, kind in _PICTURES.items() if content.startswith(start)), None)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            kind = "image/webp"
        if kind is not None and len(content) <= MAX_IMAGE_BYTES:
            return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
        cause = "is missing" if not content else "is larger than 1 MB" if kind else "is no PNG, JPEG, GIF or WebP"
        reason = f"the picture {posixpath.basename(path)[:60] or 'without a name'} {cause}"
        if reason not in self.reasons:
            self.reasons.append(reason)
        return None


def _add_text(made: etree._Element, text: str | None) -> None:
    """Behind what is there already."""
    if not text:
        return
    if len(made):
        made[-1].tail = (made[-1].tail or "") + text
    else:
        made.text = (made.text or "") + text
