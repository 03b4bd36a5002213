"""The detectors of this process, loaded once: half a second and 150 MB a worker."""

from functools import cache

from examhall.incidents.detectors.pipeline import Pipeline


@cache
def loaded_pipeline() -> Pipeline:
    return Pipeline({})
