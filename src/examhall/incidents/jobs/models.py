"""The detectors of this process, loaded once: half a second and 150 MB a worker."""

from functools import lru_cache

import structlog

from examhall.base.settings import settings
from examhall.base.words import IncidentKind
from examhall.incidents import own, store
from examhall.incidents.detectors.own import OwnRefused
from examhall.incidents.detectors.pipeline import Pipeline

log = structlog.get_logger(__name__)


@lru_cache(maxsize=2)
def loaded_pipeline(wanted: frozenset[IncidentKind]) -> Pipeline:
    """For the kinds a policy asks for, so that no detector runs for nothing, with the models that are installed.

    Without models the product works on: those detectors stay off, and say so; an altered one judges nobody.
    """
    folder = settings().models_root
    models, altered = store.usable(folder)
    theirs = own.installed(folder)
    if isinstance(theirs, OwnRefused):
        log.error("own detector not used", reason=theirs.message)
    for reason in altered.values():
        log.error("model not used", reason=reason)
    return Pipeline(models, wanted=wanted, altered=altered, own=theirs)
