"""What the own fields of an account and of a unit must look like."""

import re
from collections.abc import Mapping

from examhall.base.errors import BadInput

MAX_LENGTH = 150
LOGIN = re.compile(r"[\w.@+-]+")
CODE = re.compile(r"[\w.-]{1,32}")
MAX_DEPTH = 10  # product.md §2.2: levels of the organisation tree
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")


def check_account(*, login: str, name: str, email: str) -> None:
    """Raises BadInput whose message and fields name everything that is wrong, with its remedy."""
    wrong: dict[str, str] = {}
    if not LOGIN.fullmatch(login) or len(login) > MAX_LENGTH:
        wrong["login"] = f"use letters, digits and . @ + - _ only, at most {MAX_LENGTH}"
    if not name.strip() or len(name) > MAX_LENGTH:
        wrong["name"] = f"give the person's name, at most {MAX_LENGTH} characters"
    if email and (not EMAIL.fullmatch(email) or len(email) > MAX_LENGTH):
        wrong["email"] = "give an address such as nora@example.org, or leave it out"
    _refuse(wrong)


def check_unit(*, code: str, name: str, zone_known: bool, depth: int) -> None:
    """The same for a unit. depth: of its parent, the root's being 0."""
    wrong: dict[str, str] = {}
    if not CODE.fullmatch(code):
        wrong["code"] = "use 1 to 32 letters, digits and . - _ only"
    if not name.strip() or len(name) > MAX_LENGTH:
        wrong["name"] = f"give the unit's name, at most {MAX_LENGTH} characters"
    if not zone_known:
        wrong["zone"] = "give a time zone such as Europe/Paris"
    if depth + 2 > MAX_DEPTH:
        wrong["parent"] = f"the tree has at most {MAX_DEPTH} levels: choose a unit further up"
    _refuse(wrong)


def _refuse(wrong: Mapping[str, str]) -> None:
    if wrong:
        raise BadInput("; ".join(f"{field}: {remedy}" for field, remedy in wrong.items()) + ".", fields=dict(wrong))
