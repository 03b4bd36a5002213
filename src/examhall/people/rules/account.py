"""What an account's own fields must look like."""

import re

from examhall.base.errors import BadInput

MAX_LENGTH = 150
LOGIN = re.compile(r"[\w.@+-]+")
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
    if wrong:
        raise BadInput("; ".join(f"{field}: {remedy}" for field, remedy in wrong.items()) + ".", fields=wrong)
