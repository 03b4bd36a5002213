"""`examhall simulate`."""

import argparse
import asyncio
from pathlib import Path

import msgspec

from examhall.base.errors import BadInput
from examhall.base.settings import settings
from examhall.site.cli import companion
from examhall.site.simulate.run import cast, play


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default="", help="the site; default: the demo's")
    parser.add_argument("--candidates", type=int, default=3)
    parser.add_argument("--video", type=Path, help="a film used as everybody's camera; without it they are drawn")
    parser.add_argument("--accounts", type=Path, help='JSON {"url", "accounts": [{"role", "login", "password"}]}')
    parser.add_argument("--for", dest="for_s", type=float, help="seconds; default: until the attempts are over")


def run(options: argparse.Namespace) -> int:
    """Let candidates of an accounts file sit the first exam on their list, through the site's real interfaces."""
    companion.end_with_parent()
    file: Path = options.accounts or settings().var_dir / "demo-accounts.json"
    if not file.exists():
        raise BadInput(
            f"{file} does not exist: run `examhall demo` first or name a file.", fields={"accounts": "a file"}
        )
    known = msgspec.json.decode(file.read_bytes())
    logins = [(a["login"], a["password"]) for a in known["accounts"] if a["role"] == "simulated candidate"]
    if len(logins) < options.candidates:
        raise BadInput(
            f"{file} has {len(logins)} simulated candidates, not {options.candidates}.",
            fields={"candidates": f"at most {len(logins)}, or add accounts"},
        )
    if options.video and not options.video.exists():
        raise BadInput(f"{options.video} does not exist.", fields={"video": "name a film"})
    people = cast(options.url or known["url"], logins[: options.candidates], options.video)
    asyncio.run(play(people, for_s=options.for_s))
    for one in people:
        print(
            f"{one.login}: {one.counts.segments} segments, {one.counts.answers} answers, {one.counts.entries} entries"
        )
    return 0
