"""Pictures on the disk, below the media folder: `stills/xx/ATTEMPT/INCIDENT-TRACK-LABEL.jpg` of incidents, and
`stills/xx/ATTEMPT/check-LOOK.jpg` of the system check: what belongs to an attempt lies and goes together.

Knows no rows. Writing the same still again replaces it whole, so a step that runs twice leaves one picture.
"""

import errno
import os
from pathlib import Path
from uuid import UUID

from examhall.base.errors import NotFound, StorageFull, Unavailable
from examhall.base.settings import settings
from examhall.base.words import LookAt, Track
from examhall.media.store.durable import keep_names

_FULL = {errno.ENOSPC, errno.EDQUOT}


def still_key(attempt_id: UUID, incident_id: UUID, track: Track, label: str) -> str:
    return f"{_folder(attempt_id)}/{incident_id}-{track.value}-{label}.jpg"


def baseline_key(attempt_id: UUID, look: LookAt) -> str:
    return f"{_folder(attempt_id)}/check-{look.value}.jpg"


def put_still(key: str, content: bytes) -> None:
    """Durable when it returns, with its name. Raises StorageFull or Unavailable: then write it again."""
    root, path = settings().media_root, _path(key)
    draft = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
        keep_names(folder for folder in path.parents if folder.is_relative_to(root))
    except OSError as fault:
        draft.unlink(missing_ok=True)
        if fault.errno in _FULL:
            raise StorageFull("The disk for recordings is full; free space or move the media folder.") from fault
        raise Unavailable("The disk for recordings cannot be written.") from fault


def read_still(key: str) -> bytes:
    """Raises NotFound when the file is gone."""
    try:
        return _path(key).read_bytes()
    except FileNotFoundError as gone:
        raise NotFound("This picture is not on the disk any more; run examhall verify.") from gone


def _folder(attempt_id: UUID) -> str:
    return f"stills/{attempt_id.hex[-2:]}/{attempt_id}"


def _path(key: str) -> Path:
    return settings().media_root / key
