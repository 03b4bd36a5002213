"""A whole site for one browser test: one candidate with an open exam of the five kinds, and no worker."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from tests.fixtures.place import Place, build_client

LINE_WITHIN_S = 40.0


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

    def lines_until(self, kind: str) -> list[tuple[str, dict[str, object]]]:
        """Kind and extra of each line in the log of the newest attempt, up to the first of `kind`, once it is there."""
        until = time.monotonic() + LINE_WITHIN_S
        while time.monotonic() < until:
            told = self.place.program("tests.journeys.facts", self.account.registration)
            lines = [(line["kind"], line["extra"]) for line in msgspec.json.decode(told.encode())["entries"]]
            at = next((at for at, line in enumerate(lines) if line[0] == kind), None)
            if at is not None:
                return lines[: at + 1]
        raise AssertionError(f"no {kind} within {LINE_WITHIN_S} s")


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
