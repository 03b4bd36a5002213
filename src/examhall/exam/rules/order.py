"""The order of the questions in one candidate's form, reproducible from the seed alone (product.md §2.2 Form)."""

import hashlib
from collections.abc import Sequence
from uuid import UUID


def question_order(items: Sequence[UUID], *, seed: int, shuffled: bool) -> list[UUID]:
    """The items in the order of their question numbers.

    Sorted by a hash of seed and item: the same on every machine, every version of Python and whatever order they are
    fetched in, which `random.shuffle` does not promise.
    """
    if not shuffled:
        return list(items)
    return sorted(items, key=lambda item: hashlib.sha256(f"{seed}:{item}".encode()).digest())
