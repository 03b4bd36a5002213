"""What a simulated candidate answers: plausible, and of the form that a real client sends."""

import random

from examhall.base.words import InteractionKind
from examhall.exam.rules.qti.tree import all_named, parse

_WORDS = [
    "the",
    "dose",
    "depends",
    "on",
    "weight",
    "renal",
    "function",
    "and",
    "the",
    "time",
    "since",
    "the",
    "last",
    "administration",
]
CHOICES = frozenset({InteractionKind.SINGLE_CHOICE, InteractionKind.MULTIPLE_CHOICE})


def choices_of(public_xml: bytes) -> list[str]:
    """The identifiers that the candidate's form of a question offers."""
    return [choice.get("identifier", "") for choice in all_named(parse(public_xml), "qti-simple-choice")]


def response(kind: InteractionKind, choices: list[str], choose: random.Random) -> str | list[str]:
    """choices: what `choices_of` says of the question; empty where there is nothing to choose."""
    match kind:
        case InteractionKind.SINGLE_CHOICE:
            return choose.choice(choices)
        case InteractionKind.MULTIPLE_CHOICE:
            return sorted(choose.sample(choices, min(2, len(choices))))
        case InteractionKind.NUMBER:
            return str(choose.randint(1, 60))
        case InteractionKind.ESSAY:
            return " ".join(choose.choices(_WORDS, k=40)).capitalize() + "."
        case _:
            return choose.choice(_WORDS)
