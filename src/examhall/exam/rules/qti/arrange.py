"""The public half of an item as one attempt sees it: choices in the order of its seed, under the wire's identifier."""

import hashlib

from lxml import etree

from examhall.exam.rules.qti.tree import QTI3, text_of

__all__ = ["arranged", "choice_texts"]

_CHOICE = f"{{{QTI3}}}qti-simple-choice"
_INTERACTION = f"{{{QTI3}}}qti-choice-interaction"


def arranged(public_xml: str, *, identifier: str, seed: int) -> bytes:
    """The item's XML, UTF-8, the same for the same seed. Fixed choices keep their place (QTI `fixed`)."""
    root = _parsed(public_xml)
    root.set("identifier", identifier)
    for interaction in root.iter(_INTERACTION):
        if interaction.get("shuffle") == "true":
            _shuffle(interaction, seed)
        interaction.attrib.pop("shuffle", "")
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def choice_texts(public_xml: str) -> dict[str, str]:
    """Each choice's text by its identifier, in the author's order; one without text goes by its place."""
    if not public_xml:
        return {}
    choices = enumerate(_parsed(public_xml).iter(_CHOICE), start=1)
    return {node.get("identifier", ""): " ".join(text_of(node).split()) or f"Choice {at}" for at, node in choices}


def _parsed(public_xml: str) -> etree._Element:
    return etree.fromstring(public_xml.encode("utf-8"), etree.XMLParser(resolve_entities=False, no_network=True))


def _shuffle(interaction: etree._Element, seed: int) -> None:
    places = [at for at, node in enumerate(interaction) if node.tag == _CHOICE and node.get("fixed") != "true"]
    moved = sorted((interaction[at] for at in places), key=lambda node: _rank(node, seed))
    order = list(interaction)
    for at, node in zip(places, moved, strict=True):
        order[at] = node
    interaction[:] = order


def _rank(node: etree._Element, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{node.get('identifier', '')}".encode()).digest()
