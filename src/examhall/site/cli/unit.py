"""`examhall unit add|list`."""

import argparse
from collections.abc import Callable, Mapping

from examhall.people.actions.people import open_unit
from examhall.people.reads.people import root_unit, site_stream, unit_by_code, units
from examhall.site.cli.operator import operator


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="add a unit: a faculty, a department, a school")
    add.add_argument("code", metavar="CODE", help="how commands and lists name it, such as MED")
    add.add_argument("--name", required=True, help="how people name it")
    add.add_argument("--parent", default="", metavar="CODE", help="the unit above it; default: the whole site")
    add.add_argument("--zone", default="", metavar="ZONE", help="its time zone; default: that of the unit above")
    acts.add_parser("list", help="print every unit, indented: code, name, time zone")


def run(options: argparse.Namespace) -> int:
    """Change the organisation from the command line; each change stands in the site's journal."""
    site_stream()  # an installation that is not set up yet says so
    return _ACTS[options.act](options)


def _add(options: argparse.Namespace) -> int:
    parent = unit_by_code(options.parent) if options.parent else root_unit()
    open_unit(options.code, name=options.name, parent=parent, zone=options.zone, by=operator())
    print(f"Added {options.code}. Roles there: examhall account role LOGIN ROLE --unit {options.code}")
    return 0


def _list(options: argparse.Namespace) -> int:
    for unit in units():
        print("\t".join((f"{'  ' * unit.depth}{unit.code}", unit.name, unit.zone)))
    return 0


_ACTS: Mapping[str, Callable[[argparse.Namespace], int]] = {"add": _add, "list": _list}
