"""The order of choices one attempt sees."""

from lxml import etree

from examhall.exam.rules.qti.arrange import arranged
from examhall.exam.rules.qti.item import split
from tests.exam import qti_samples as samples

NAMES = [f"choice{n}" for n in range(8)]


def public(*, shuffle: bool) -> str:
    source = samples.choice(NAMES[:1], NAMES[1:]).replace(
        b'max-choices="1"', f'max-choices="1" shuffle="{str(shuffle).lower()}"'.encode()
    )
    fixed = source.replace(b'identifier="choice7"', b'identifier="choice7" fixed="true"')
    return split(fixed, salt=b"x").public_xml.decode()


def order(xml: bytes) -> list[str]:
    return [node.text or "" for node in etree.fromstring(xml).iter("{*}qti-simple-choice")]


def test_the_same_seed_gives_the_same_order_and_another_one_another() -> None:
    """product.md §2.2 Form: reproducible from seed and version."""
    xml = public(shuffle=True)
    first = order(arranged(xml, identifier="a", seed=1))
    assert first == order(arranged(xml, identifier="a", seed=1))
    assert len({tuple(order(arranged(xml, identifier="a", seed=seed))) for seed in range(20)}) > 5
    assert sorted(first) == sorted(order(xml.encode()))


def test_a_fixed_choice_keeps_its_place() -> None:
    """product.md §2.2 Form: what the author fixed stays."""
    xml = public(shuffle=True)
    assert {order(arranged(xml, identifier="a", seed=seed))[-1] for seed in range(20)} == {"Choice number 7"}


def test_without_shuffle_the_author_s_order_stays() -> None:
    """product.md §2.2 Form."""
    xml = public(shuffle=False)
    assert order(arranged(xml, identifier="a", seed=5)) == order(xml.encode())
