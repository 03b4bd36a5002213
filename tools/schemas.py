"""Write `schemas/`: words, transition tables, JSON Schema of every wire shape.

`--check` exits 1 when a file is not what the code says.
"""

import importlib
import inspect
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

os.environ.setdefault("EXAMHALL_VAR_DIR", ".venv/check")

from examhall.base import words
from examhall.exam.rules.attempt import TRANSITIONS

ROOT = Path(__file__).parent.parent
Json = dict[str, Any]


def enums() -> dict[str, list[str]]:
    found = [getattr(words, name) for name in words.__all__]
    return {e.__name__: [member.value for member in e] for e in found if issubclass(e, StrEnum)}


def transitions() -> Json:
    return {"attempt": [{"state": s.value, "act": a.value, "to": to.value} for (s, a), to in TRANSITIONS.items()]}


def wire_modules() -> list[ModuleType]:
    package = ROOT / "src" / "examhall"
    found = sorted([*package.glob("*/wire.py"), *package.glob("*/wire/*.py")])
    names = [".".join(("examhall", *p.relative_to(package).with_suffix("").parts)) for p in found]
    return [importlib.import_module(name.removesuffix(".__init__")) for name in names]


def wire() -> Json:
    shapes = {
        shape.__name__: shape
        for module in wire_modules()
        for _, shape in inspect.getmembers(module, inspect.isclass)
        if issubclass(shape, msgspec.Struct) and shape.__module__.startswith("examhall.")
    }
    _, components = msgspec.json.schema_components(list(shapes.values()), ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": components}


def pretty(value: Json | dict[str, list[str]]) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def files() -> dict[Path, str]:
    return {
        ROOT / "schemas" / "words.json": pretty(enums()),
        ROOT / "schemas" / "transitions.json": pretty(transitions()),
        ROOT / "schemas" / "wire.json": pretty(wire()),
    }


def main() -> int:
    stale = [p for p, text in files().items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code says: run `make schemas`")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
