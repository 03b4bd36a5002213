"""The style sheets hold nothing that no page can use."""

import re
from pathlib import Path

REPO = Path(__file__).parents[2]
SHEETS = sorted((REPO / "client" / "src" / "styles").rglob("*.css"))
SOURCES = [
    path
    for place in (REPO / "client" / "src", REPO / "src" / "examhall")
    for path in place.rglob("*")
    if path.suffix in {".html", ".ts", ".py", ".svg"} and "static" not in path.parts
]


def classes(sheet: str) -> set[str]:
    selectors = re.findall(r"([^{};]+)\{", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    return {name for selector in selectors for name in re.findall(r"\.([A-Za-z][\w-]*)", selector)}


def test_every_class_of_the_style_sheets_can_be_given_to_something() -> None:
    """look/README: one language of parts. A name counts where it stands whole in a template, a script or a module, and
    where its beginning stands before a value (`col-${key}`)."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    words, beginnings = set(re.findall(r"[\w-]+", text)), tuple(set(re.findall(r"([\w-]+-)\$?\{", text)))
    found = {name for sheet in SHEETS for name in classes(sheet.read_text(encoding="utf-8"))}
    assert len(found) > 300
    assert sorted(name for name in found - words if not name.startswith(beginnings)) == []
