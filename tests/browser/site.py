"""A whole site for one browser test: one candidate with an open exam of the five kinds, and no worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from tests.fixtures.place import Place, build_client


class Account(msgspec.Struct, frozen=True):
    login: str
    password: str
    registration: str


@dataclass(frozen=True, slots=True)
class Site:
    place: Place
    account: Account

    @property
    def url(self) -> str:
        return self.place.url


@contextmanager
def opened_site(var_dir: Path) -> Iterator[Site]:
    """Build the client and the data with the real actions, serve them, and end the server whatever happens."""
    build_client()
    place = Place(var_dir, worker=False)
    account = msgspec.json.decode(place.program("tests.browser.site_content"), type=Account)
    place.open()
    try:
        yield Site(place, account)
    finally:
        place.close()
