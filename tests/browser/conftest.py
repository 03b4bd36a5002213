"""How patient the browser lanes are. Lane: browser."""

from playwright.sync_api import expect

SOON_MS = 30_000.0
"""A machine with two cores that serves others as well needs its time; what holds sooner is not waited for."""

expect.set_options(timeout=SOON_MS)
