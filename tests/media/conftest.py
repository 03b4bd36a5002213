"""Fixtures of this wing: a sitting whose reels lie in the test's own folder."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.media.store.disk import DiskReels
from examhall.media.store.place import use
from tests.media.sitting import Sitting, sit


@pytest.fixture
def reels(tmp_path: Path) -> Iterator[DiskReels]:
    """Reels in a folder of the test's own, in use for the whole process."""
    store = DiskReels(tmp_path / "reels")
    before = use(store)
    yield store
    use(before)


@pytest.fixture
def sitting(root: UUID, clock: SetClock, reels: DiskReels) -> Sitting:
    """A candidate who entered an exam at 2026-11-23 09:00 UTC."""
    return sit(root)
