"""Words that are looked for on the recorded screen: one group of options of the policy."""

from typing import Annotated

import msgspec

_WORD = r"[^,]{0,30}[^\W_]{3}[^,]{0,30}"
Words = Annotated[str, msgspec.Meta(pattern=f"^({_WORD}(,{_WORD}){{0,19}})?$")]
"""Words and phrases with three letters or figures in a row, set apart by commas; at most 20."""


def words_of(text: str) -> tuple[str, ...]:
    """The words and phrases of one option, in order, without the space around them."""
    return tuple(one.strip() for one in text.split(",") if one.strip())


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nothing is read where both are empty."""

    listed_words: Words = ""
    """Each of them is other content."""
    expected_words: Words = ""
    """One of them stands on every page of the exam; a screen with none is other content."""
