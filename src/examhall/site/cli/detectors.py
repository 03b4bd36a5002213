"""`examhall detectors`: the switches of Administration → Detectors, for when the site does not answer, and the trial of
an own object detector."""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.base.errors import BadInput
from examhall.base.settings import settings
from examhall.incidents.actions.switch import switch_off, switch_on
from examhall.incidents.detectors.own import OwnRefused
from examhall.incidents.detectors.window import Frame
from examhall.incidents.own import PLACE, loaded
from examhall.incidents.reads.off import thrown_now
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.off import SWITCHABLE
from examhall.people.rules.actor import SYSTEM


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    own = verbs.add_parser(
        "check-own", help="load the own object detector, let it look at a picture, say what it found"
    )
    own.add_argument(
        "paper", nargs="?", type=Path, metavar="TOML", help="default: own/detector.toml of the models folder"
    )
    own.add_argument("--picture", type=Path, metavar="FILE", help="a JPEG or PNG; without it, an even grey one")
    verbs.add_parser("list", help="what is switched off, since when and by whom")
    off = verbs.add_parser("off", help="look for these kinds no more, in running exams too")
    off.add_argument("--coming", action="store_true", help="only in sessions entered from now on")
    for verb in (off, verbs.add_parser("on", help="look for these kinds again")):
        verb.add_argument("kinds", nargs="+", metavar="KIND", choices=sorted(SWITCHABLE))
        verb.add_argument("--reason", required=True, help="shown to whoever watches or reviews")
        verb.add_argument("--by", required=True, metavar="NAME", help="who answers for it")


def run(options: argparse.Namespace) -> int:
    """Switch detectors, and say how they stand; or try the own object detector."""
    if options.verb == "check-own":
        return _check_own(options.paper or settings().models_root / PLACE, options.picture)
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


def _check_own(paper: Path, picture: Path | None) -> int:
    """What a worker does with it, on one picture. 1, with the line to mend, when it cannot be used."""
    try:
        finder = loaded(paper)
        frame = _read(picture)
        began_s = time.process_time()
        things = finder.find(frame)
        spent_ms = (time.process_time() - began_s) * 1000
    except OwnRefused as refused:
        print(f"not usable: {refused.message}")
        for field, remedy in refused.fields.items():
            print(f"  {field}: {remedy}")
        return 1
    spec = finder.spec
    print(f"usable: {spec.name} {spec.version}, {spec.licence}, SHA-256 {spec.sha256}")
    print(f"for {', '.join(sorted(spec.kinds))}; {spent_ms:.0f} ms of CPU for {picture or 'an even grey picture'}")
    for thing in things:
        box = thing.box
        place = f"left {box.left:.0f}, top {box.top:.0f}, {box.width:.0f} x {box.height:.0f}"
        print(f"{thing.kind.value} {box.score:.2f} at {place} of {frame.shape[1]} x {frame.shape[0]}")
    if not things:
        print("found nothing")
    return 0


def _read(picture: Path | None) -> Frame:
    if picture is None:
        return np.full((480, 640, 3), 128, np.uint8)
    read = cv2.imread(str(picture), cv2.IMREAD_COLOR) if picture.is_file() else None
    if read is None:
        raise BadInput(f"{picture} is no picture that can be read.", fields={"picture": "name a JPEG or PNG"})
    return np.asarray(read, np.uint8)
