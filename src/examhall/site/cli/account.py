"""`examhall account add|password|role|link|list`."""

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping
from uuid import UUID

from examhall.base.errors import BadInput
from examhall.base.settings import settings
from examhall.people.actions.people import grant_roles, open_account, set_password, take_roles
from examhall.people.reads.password import password_link, without_password
from examhall.people.reads.people import account, accounts, root_unit, site_stream, unit_by_code
from examhall.people.rules.roles import ROLES
from examhall.site.cli.operator import operator


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="add an account; it gets its password afterwards")
    add.add_argument("login", metavar="LOGIN")
    add.add_argument("--name", required=True, help="the person's name")
    add.add_argument("--email", default="", help="where a link to choose a password goes")
    add.add_argument("--role", action="append", default=[], metavar="ROLE", help=f"any of: {', '.join(ROLES)}")
    add.add_argument("--unit", default="", metavar="CODE", help="where the roles hold; default: the whole site")
    password = acts.add_parser("password", help="set a password: asks for it, or reads one line from a pipe")
    password.add_argument("login", metavar="LOGIN")
    role = acts.add_parser("role", help="give or take a role")
    role.add_argument("login", metavar="LOGIN")
    role.add_argument("role", metavar="ROLE", help=f"one of: {', '.join(ROLES)}")
    role.add_argument("--unit", default="", metavar="CODE", help="where it holds; default: the whole site")
    role.add_argument("--take", action="store_true", help="take it away")
    link = acts.add_parser("link", help="print links under which people choose a password: LOGIN, tab, link")
    link.add_argument("login", nargs="*", metavar="LOGIN", help="without one: every account without a password")
    acts.add_parser("list", help="print every account: login, name, email, roles, whether it has a password")


def run(options: argparse.Namespace) -> int:
    """Change accounts from the command line; each change stands in the site's journal."""
    site_stream()  # an installation that is not set up yet says so
    return _ACTS[options.act](options)


def _add(options: argparse.Namespace) -> int:
    open_account(
        options.login,
        name=options.name,
        email=options.email,
        roles=options.role,
        unit=_unit(options.unit),
        by=operator(),
    )
    print(f"Added {options.login}. Next: examhall account password {options.login}")
    return 0


def _password(options: argparse.Namespace) -> int:
    person = account(options.login)
    set_password(person.id, password=_asked(), by=operator())
    print(f"{person.login} can sign in with it at {settings().public_url}")
    return 0


def _asked() -> str:
    """From the terminal, twice and unseen; otherwise the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("New password: ")
    if getpass.getpass("Once more: ") != first:
        raise BadInput("password: the two are not the same. Type it again.", fields={"password": "type it again"})
    return first


def _role(options: argparse.Namespace) -> int:
    person, unit = account(options.login), _unit(options.unit)
    change = take_roles if options.take else grant_roles
    change(person.id, unit=unit, roles=[options.role], by=operator())
    print(f"{person.login}: {options.role} {'taken' if options.take else 'given'}")
    return 0


def _link(options: argparse.Namespace) -> int:
    people = [account(login) for login in options.login] or without_password()
    for person in people:
        print(f"{person.login}\t{password_link(person.id)}")
    return 0


def _list(options: argparse.Namespace) -> int:
    for row in accounts():
        roles = ", ".join(row.roles) or "candidate"
        print("\t".join((row.login, row.name, row.email, roles, "" if row.has_password else "no password yet")))
    return 0


def _unit(code: str) -> UUID:
    return unit_by_code(code) if code else root_unit()


_ACTS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "add": _add,
    "password": _password,
    "role": _role,
    "link": _link,
    "list": _list,
}
