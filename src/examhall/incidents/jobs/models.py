"""The detectors of this process, loaded once: half a second and 150 MB a worker."""

from functools import cache

import structlog

from examhall.base.errors import Unavailable
from examhall.base.settings import settings
from examhall.incidents import store
from examhall.incidents.detectors.pipeline import Pipeline

log = structlog.get_logger(__name__)


@cache
def loaded_pipeline() -> Pipeline:
    """With the models that are installed. Without them the product works on: those detectors stay off, and say so."""
    try:
        return Pipeline(store.load(settings().models_root))
    except Unavailable as altered:
        log.error("models not used", reason=altered.message)
        return Pipeline({})
