"""Write the look's words for the client (client/src/base/look-words.json) after a change in examhall/site/look.py."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from examhall.site import look

TARGET = Path(__file__).parent.parent / "client/src/base/look-words.json"


def _table(signs: Mapping[Any, look.Sign] | Mapping[Any, look.Family]) -> dict[str, dict[str, str]]:
    return {str(key): {name: str(value) for name, value in asdict(sign).items()} for key, sign in signs.items()}


def as_json() -> str:
    tables = {"incident": _table(look.INCIDENT), "family": _table(look.FAMILY)}
    return json.dumps(tables, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(as_json(), encoding="utf-8")
    print(f"Wrote {TARGET.name}.")
