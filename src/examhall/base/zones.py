"""The names of the world's time zones, as this machine knows them."""

from functools import cache
from zoneinfo import available_timezones


@cache
def known_zones() -> frozenset[str]:
    """Looked up once in a process: it opens each of some six hundred files."""
    return frozenset(available_timezones())
