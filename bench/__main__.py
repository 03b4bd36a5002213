"""`make bench`: every measurement, one after the other; `--json FILE` keeps the figures, `--only NAME` runs one."""

import argparse
import importlib
import json
import os
import sys
from pathlib import Path

from bench.place import machine

NAMES = ("mixed_load", "segment_put", "live", "analysis", "incident_delay")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=NAMES)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examhall.site.settings_django")
    figures: dict[str, float | str] = {"machine": machine()}
    print(figures["machine"])
    for name in [options.only] if options.only else NAMES:
        figures |= importlib.import_module(f"bench.{name}").run()
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
