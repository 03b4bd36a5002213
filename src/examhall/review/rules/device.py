"""What kind of device an exam was taken on, as far as its browser said: a class, never a single machine."""

import re

PHONE_OR_TABLET = "Phone or tablet"
_SMALL = re.compile(r"Android|iPhone|iPad|Mobile")
_SYSTEMS = (("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Macintosh", "macOS"), ("Linux", "Linux"))
_BROWSERS = (("Firefox/", "Firefox"), ("Chrome/", "Chromium"), ("Chromium/", "Chromium"), ("Version/", "Safari"))


def device_class(user_agent: str) -> str | None:
    """Such as "Windows, Chromium"; None when the browser told nothing that is known here.

    Edge, Opera and Safe Exam Browser are built on Chromium and stand with it.
    """
    if _SMALL.search(user_agent):
        return PHONE_OR_TABLET
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), None)
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), None)
    return f"{system}, {browser}" if system and browser else None
