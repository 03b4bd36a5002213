"""Every state and family is shown by shape, word and colour; nothing may be left out when a word is added."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from tools.look_words import as_json

from examhall.base.words import (
    AttemptState,
    IncidentFamily,
    IncidentState,
    RegistrationState,
    ScheduleState,
    SessionState,
)
from examhall.site import look

_REPO = Path(__file__).parents[2]
_ICONS = frozenset((_REPO / "client/src/icons.txt").read_text(encoding="utf-8").split("\n"))
_TABLES: list[tuple[type[StrEnum], Mapping[Any, look.Sign]]] = [
    (AttemptState, look.ATTEMPT),
    (ScheduleState, look.SCHEDULE),
    (RegistrationState, look.REGISTRATION),
    (SessionState, look.SESSION),
    (IncidentState, look.INCIDENT),
    (look.Connection, look.CONNECTION),
    (look.Camera, look.CAMERA),
]


@pytest.mark.parametrize(("words", "table"), _TABLES)
def test_every_state_has_an_icon_of_the_sprite_and_a_word(words: type[StrEnum], table: Mapping[Any, look.Sign]) -> None:
    """look/README §1: state = shape + word + colour."""
    assert set(table) == set(words)
    assert {sign.icon for sign in table.values()} <= _ICONS
    assert all(sign.word for sign in table.values())


@pytest.mark.parametrize(("words", "table"), _TABLES)
def test_no_two_states_look_alike(words: type[StrEnum], table: Mapping[Any, look.Sign]) -> None:
    """look/README §1: take the colour away and nothing is lost."""
    assert len({sign.icon for sign in table.values()}) == len(words)
    assert len({sign.word for sign in table.values()}) == len(words)


def test_every_family_has_icon_word_class_swatch_and_pattern() -> None:
    """look/README §3: hue + pattern + icon, same everywhere."""
    styles = (_REPO / "client/src/styles/parts/state.css").read_text(encoding="utf-8")
    swatches = (_REPO / "client/src/family-swatches.svg").read_text(encoding="utf-8")
    patterns = (_REPO / "src/examhall/site/templates/look/patterns.svg").read_text(encoding="utf-8")
    assert set(look.FAMILY) == set(IncidentFamily)
    assert {family.icon for family in look.FAMILY.values()} <= _ICONS
    assert [family for family in look.FAMILY.values() if f".{family.css} {{" not in styles] == []
    assert [family for family in look.FAMILY.values() if f'id="sw-{family.css[2:]}"' not in swatches] == []
    assert [family for family in look.FAMILY.values() if f'id="pt-{family.css[2:]}"' not in patterns] == []


def test_the_client_has_the_same_words() -> None:
    """house.md §7: what is generated is checked in and does not drift (`python tools/look_words.py`)."""
    kept = (_REPO / "client/src/base/look-words.json").read_text(encoding="utf-8")
    assert json.loads(kept) == json.loads(as_json())


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    """look/README §7: one sprite, no hole where an icon should be."""
    templates = (_REPO / "src").rglob("templates/**/*.html")
    named = {
        name for file in templates for name in re.findall(r'{% icon "([a-z0-9-]+)"', file.read_text(encoding="utf-8"))
    }
    assert named
    assert named - _ICONS == set()


def test_every_icon_named_in_a_script_is_in_the_sprite() -> None:
    """look/README §7: one sprite, for templates and scripts alike."""
    scripts = (_REPO / "client/src").rglob("*.ts")
    named = {
        name for file in scripts for name in re.findall(r'\bicon\("([a-z0-9-]+)"', file.read_text(encoding="utf-8"))
    }
    assert named - _ICONS == set()


def test_no_template_has_inline_style_or_script() -> None:
    """design.md §10: the content security policy allows neither."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)
    templates = (_REPO / "src").rglob("templates/**/*.html")
    tag = re.compile(r"\{%.*?%\}")  # `{% with one=… %}` is no event handler
    assert [str(file) for file in templates if inline.search(tag.sub("", file.read_text(encoding="utf-8")))] == []
