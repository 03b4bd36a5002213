"""What the product never infers: feelings, traits, attention; and whom a face belongs to among many.

product.md §11.1. Every word a person or another program can read is looked at; planted words prove that the look works.
"""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps

from examhall.incidents.detectors.pipeline import CARDS

ROOT = Path(__file__).parents[2]
SRC, CLIENT = ROOT / "src" / "examhall", ROOT / "client" / "src"
WEIGHTS = SRC / "incidents" / "weights" / "models.toml"

NEVER = re.compile(
    r"emotion|\bmoods?\b|sentiment|stress|nervous|anxi(?:ous|ety)|fatigue|drows|\bbored|happiness|\bang(?:er|ry)\b"
    r"|engage(?:d|ment)|attenti|concentrat(?:es|ion)|personalit|temperament|decepti|\bhonest|truthful|lie.detect"
    r"|face.galler|galler(?:y|ies) of faces|watch.?list|face.search|search\w* (?:for |of )?(?:a )?faces?\b"
    r"|known.faces|one.to.many|\b1 ?: ?n\b|identif\w+ (?:him|her|them|persons?|people|candidates?) among",
    re.IGNORECASE,
)
ALLOWED = re.compile(
    r"needs?[ _]attention|\bby[ _]?attention|data-attention|^\s+attention: (?:boolean;|row\.)"  # rows to look at first
    r"|(?<![\w -])attention(?![\w -])"  # the tone of that name, alone between quotes, dots or brackets
    r"|(?<=class=\")[^\"]*(?=\")|\.attention\b",
    re.IGNORECASE | re.MULTILINE,
)


def said(text: str) -> list[str]:
    """The forbidden words of a text, but for the name of a colour tone and what asks people to look at a row."""
    return NEVER.findall(ALLOWED.sub(" ", text).replace("_", " "))


def in_template(text: str) -> list[str]:
    return said(re.sub(r"{#.*?#}", " ", text, flags=re.DOTALL))


def in_script(text: str) -> list[str]:
    return said(re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", " ", text, flags=re.DOTALL))


def in_program(text: str) -> list[str]:
    """Strings and names; comments and docstrings may say what is never done."""
    tree = ast.parse(text)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in told | bare
    ]
    names = [n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef)]
    targets = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
    return [word for text in (*strings, *names, *targets) for word in said(text)]


def in_list(text: str) -> list[str]:
    return said(re.sub(r"#[^\n]*", " ", text))


PLACES: dict[str, tuple[Path, str, Callable[[str], list[str]]]] = {
    "templates": (SRC, "*.html", in_template),
    "texts": (SRC, "*.txt", in_template),
    "programs": (SRC, "*.py", in_program),
    "client": (CLIENT, "*.ts", in_script),
    "models": (WEIGHTS.parent, "*.toml", in_list),
}


def found(folder: Path, pattern: str, look: Callable[[str], list[str]]) -> list[tuple[str, str]]:
    files = [file for file in sorted(folder.rglob(pattern)) if "build" not in file.parts]
    return [(file.name, word) for file in files for word in look(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("place", PLACES)
def test_nothing_a_person_reads_speaks_of_feelings_traits_or_face_searches(place: str) -> None:
    """product.md §11.1, issue 3: never emotion, stress, engagement, attention; never identification in a gallery."""
    assert found(*PLACES[place]) == []


@pytest.mark.parametrize("place", [place for place in PLACES if place != "texts"])
def test_each_place_is_really_looked_at(place: str) -> None:
    """Issue 3: a test that looks at no file would always pass."""
    folder, pattern, _ = PLACES[place]
    assert list(folder.rglob(pattern))


@pytest.mark.parametrize(
    ("place", "planted"),
    [
        ("templates", '<dt>Stress</dt><dd class="st attention">high</dd>'),
        ("templates", '<span aria-label="Low engagement">3</span>'),
        ("templates", '{% nothing title="Emotion not readable" %}'),
        ("templates", "<p>The candidate was inattentive.</p>"),
        ("texts", "Found in the watch list.\n"),
        ("programs", 'class Kind(StrEnum):\n    STRESS = "s"\n'),
        ("programs", 'class Kind(StrEnum):\n    X = "emotion_change"\n'),
        ("programs", 'LABEL = "Attention level"\n'),
        ("programs", "def search_faces() -> None: ...\n"),
        ("programs", "def engagement() -> None: ...\n"),
        ("client", 'const word = "Nervous";\n'),
        ("client", "html`<b>Mood: calm</b>`;\n"),
        ("models", 'use = "reads emotions"\n'),
        ("models", 'file = "face_landmark_with_attention.tflite"\n'),
        ("models", 'use = "face search in a gallery of faces"\n'),
    ],
)
def test_a_planted_word_is_found(tmp_path: Path, place: str, planted: str) -> None:
    """Issue 3: the test fails when it should."""
    _, pattern, look = PLACES[place]
    (tmp_path / pattern.replace("*", "planted")).write_text(planted, encoding="utf-8")
    assert found(tmp_path, pattern, look)


@pytest.mark.parametrize(
    "harmless",
    ['{% note "attention" %}', '<p class="st attention flat">', "Needs attention", 'tone: "attention",'],
)
def test_the_name_of_a_tone_and_a_row_to_look_at_are_no_inference(harmless: str) -> None:
    """look/README.md §3: seven states, one of them called attention."""
    assert in_template(harmless) == []


def test_no_detector_measures_what_a_person_feels_is_or_is_called() -> None:
    """product.md §11.1: the papers of every detector."""
    texts = [text for c in CARDS for text in (c.name, c.looks_at, c.measures, c.fails_when, *c.models)]
    assert [text for text in texts if said(text)] == []


def test_no_table_keeps_the_numbers_of_a_face() -> None:
    """product.md §11.1: 1:1 only; without stored faces there is nothing to search in."""
    fields = [f"{m.__name__}.{f.name}" for m in apps.get_models() for f in m._meta.get_fields()]
    assert [name for name in fields if re.search(r"face|embedding|biometric|descriptor", name, re.IGNORECASE)] == []
