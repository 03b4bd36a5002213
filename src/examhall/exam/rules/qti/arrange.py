"""The public half of an item as one attempt sees it: choices in the order of its seed, under the wire's identifier."""

import hashlib

from lxml import etree

from examhall.exam.rules.qti.tree import QTI3

__all__ = ["arranged"]

_CHOICE = f"{{{QTI3}}}qti-simple-choice"
_INTERACTION = f"{{{QTI3}}}qti-choice-interaction"


def arranged(public_xml: str, *, identifier: str, seed: int) -> bytes:
    """The item's XML, UTF-8, the same for the same seed. Fixed choices keep their place (QTI `fixed`)."""
    root = etree.fromstring(public_xml.encode("utf-8"), etree.XMLParser(resolve_entities=False, no_network=True))
    root.set("identifier", identifier)
    for interaction in root.iter(_INTERACTION):
        if interaction.get("shuffle") == "true":
            _shuffle(interaction, seed)
        interaction.attrib.pop("shuffle", "")
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _shuffle(interaction: etree._Element, seed: int) -> None:
    places = [at for at, node in enumerate(interaction) if node.tag == _CHOICE and node.get("fixed") != "true"]
    moved = sorted((interaction[at] for at in places), key=lambda node: _rank(node, seed))
    order = list(interaction)
    for at, node in zip(places, moved, strict=True):
        order[at] = node
    interaction[:] = order


def _rank(node: etree._Element, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{node.get('identifier', '')}".encode()).digest()
