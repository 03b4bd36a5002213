"""Which store this installation keeps its reels in."""

from examhall.base.settings import settings
from examhall.media.store.disk import DiskReels
from examhall.media.store.reel import ReelStore

_chosen: ReelStore | None = None


def reels() -> ReelStore:
    """The store in use: the local disk below `media_root` unless another was put in its place."""
    return _chosen if _chosen is not None else DiskReels(settings().media_root)


def use(store: ReelStore | None) -> ReelStore | None:
    """Put `store` in place for the whole process (None: the one of the settings) and return the one that was."""
    global _chosen
    before, _chosen = _chosen, store
    return before
