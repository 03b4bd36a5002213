"""Write `docs/requirements.md`: each requirement with the tests whose docstrings name it, and what has none yet.

`--check` exits 1 when the page is not what the tests say.
"""

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "requirements.md"
COUNTS = {0: 42, 1: 16, 2: 35, 3: 28, 4: 32}
"""Source document → how many requirements it has (product specification §1)."""
ID = re.compile(r"R-(\d)\.(\d+)")
RANGE = re.compile(r"R-(\d)\.(\d+) (?:to|…) R-\1\.(\d+)")


def named(text: str) -> set[tuple[int, int]]:
    """The requirements that `text` names, ranges such as "R-4.7 to R-4.13" written out."""
    found = {(int(source), int(number)) for source, number in ID.findall(text)}
    for source, first, last in RANGE.findall(text):
        found |= {(int(source), number) for number in range(int(first), int(last) + 1)}
    return found


def tests_by_requirement() -> dict[tuple[int, int], list[str]]:
    by: dict[tuple[int, int], list[str]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for requirement in named(ast.get_docstring(node) or ""):
                    by[requirement].append(f"{file.relative_to(ROOT)}::{node.name}")
    return by


def page() -> str:
    by = tests_by_requirement()
    every = [(source, number) for source, count in COUNTS.items() for number in range(1, count + 1)]
    lines = [
        "# Requirements and their tests",
        "",
        "Made by `make docs` from the docstrings of the tests; do not edit.",
        "",
        f"{sum(r in by for r in every)} of {len(every)} requirements have at least one test.",
        "",
        "| requirement | tests |",
        "|---|---|",
    ]
    for source, number in every:
        tests = by.get((source, number), [])
        lines.append(f"| R-{source}.{number} | {'<br>'.join(f'`{t}`' for t in tests) or 'none yet'} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    text = page()
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print("docs/requirements.md is not what the tests say: run `make docs`")
            return 1
        return 0
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
