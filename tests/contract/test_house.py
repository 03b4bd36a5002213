"""What the layering tool cannot see: names, sizes and hidden ways around the rules."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from examhall.base.queue import JOBS
from examhall.base.words import EntryKind
from examhall.journal.rules import GROUP_OF
from examhall.site.reactions import REACTIONS

SRC = Path(__file__).parents[2] / "src" / "examhall"
MODULES = [p for p in sorted(SRC.rglob("*.py")) if "migrations" not in p.parts]
MAX_LINES, MAX_FUNCTION_LINES = 500, 40
DJANGOS = {"get_context_data"}  # names that Django calls
FORBIDDEN = re.compile(
    r"(?:^|_)(?:manager|maintainer|handler|processor|helper|utils?|data|info|misc)(?:_|$)"
    r"|(?:Manager|Maintainer|Handler|Processor|Helper|Utils?|Data|Info|Misc)(?:[A-Z]|$)"
)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_a_module_and_its_functions_stay_small(module: Path) -> None:
    """house.md §6: function at most 40 lines, module at most 500."""
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    long = [
        f"{f.name} ({f.end_lineno - f.lineno + 1} lines)"
        for f in functions(ast.parse(text))
        if f.end_lineno is not None and f.end_lineno - f.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_names_say_what_a_thing_is(module: Path) -> None:
    """house.md §2: words that say nothing are not used for modules, classes and functions."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    defined = [n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [name for name in [module.stem, *defined] if FORBIDDEN.search(name) and name not in DJANGOS] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_nobody_goes_around_the_layers(module: Path) -> None:
    """house.md §4: no get_model, no Django signal receivers, no import inside a function."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert not {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} & {"get_model"}
    assert "django.dispatch" not in {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    inner = [n.lineno for f in functions(tree) for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert inner == []


def test_an_attempts_state_is_written_in_one_place() -> None:
    """house.md §3: each state machine has one writer."""
    writers = {
        str(module.relative_to(SRC))
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "state" and "attempt" in ast.unparse(target.value)
    }
    assert writers <= {"exam/actions/move.py"}


def test_every_reaction_names_a_job_that_exists() -> None:
    """house.md §4: string names are checked where the layering tool cannot see them."""
    assert {name for names in REACTIONS.values() for name in names} <= set(JOBS)


def test_every_entry_kind_has_its_group() -> None:
    """product.md §9: each line of the log belongs to a filter group."""
    assert set(GROUP_OF) == set(EntryKind)
