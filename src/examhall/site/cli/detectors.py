"""`examhall detectors`: the switches of Administration → Detectors, for when the site does not answer."""

import argparse
from dataclasses import replace

from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.incidents.actions.switch import switch_off, switch_on
from examhall.incidents.reads.off import thrown_now
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.off import SWITCHABLE
from examhall.people.rules.actor import SYSTEM


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="what is switched off, since when and by whom")
    off = verbs.add_parser("off", help="look for these kinds no more, in running exams too")
    off.add_argument("--coming", action="store_true", help="only in sessions entered from now on")
    for verb in (off, verbs.add_parser("on", help="look for these kinds again")):
        verb.add_argument("kinds", nargs="+", metavar="KIND", choices=sorted(SWITCHABLE))
        verb.add_argument("--reason", required=True, help="shown to whoever watches or reviews")
        verb.add_argument("--by", required=True, metavar="NAME", help="who answers for it")


def run(options: argparse.Namespace) -> int:
    """Switch detectors, and say how they stand."""
    if options.verb != "list":
        by = replace(SYSTEM, name=f"{options.by}, on the server")
        if options.verb == "off":
            switch_off(options.kinds, at_once=not options.coming, reason=options.reason, by=by)
        else:
            switch_on(options.kinds, reason=options.reason, by=by)
    off = {kind: one.switch for one in thrown_now(clock.now()) for kind in one.kinds}
    for kind in sorted(SWITCHABLE):
        thrown = off.get(kind)
        how = "on"
        if thrown is not None:
            reach = "at once" if thrown.at_once else "for coming sessions"
            how = f"off {reach} since {iso_ms(thrown.off_at)} by {thrown.off_by}: {thrown.reason}"
        print(f"{kind.value:<20} {SHOWN[kind].title:<26} {how}")
    return 0
