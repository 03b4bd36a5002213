"""The part of a browser that a simulated candidate needs: cookies, forms, the attempt token, patience."""

import asyncio
import hashlib
import random
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from examhall.base.errors import ExamhallError
from examhall.media.container.encode import Made

TRIES_WAIT_S = (0.5, 1.0, 2.0, 5.0)  # then again and again the last one: what was recorded is never given up
PAGE_TRIES = 8  # half a minute: a page that still does not come is told, for nothing that was recorded depends on it
REQUEST_TIMEOUT_S = 10.0

_START = re.compile(r'<script id="exam-start" type="application/json">(?P<json>.*?)</script>', re.DOTALL)
_EXAM = re.compile(r'href="(?P<path>/exams?/[0-9a-f-]{36}/)"')


class Refused(ExamhallError):
    """The server said no in a way that trying again does not mend."""

    code, status = "refused", 409

    def __init__(self, message: str, *, answer: httpx.Response) -> None:
        super().__init__(message)
        self.answer = answer


@dataclass(slots=True)
class Browser:
    """One candidate's connection to the site at `url`."""

    url: str
    client: httpx.AsyncClient = field(init=False)
    token: str = ""
    resent: int = 0
    """Requests that had to be sent more than once."""

    def __post_init__(self) -> None:
        self.client = httpx.AsyncClient(
            base_url=self.url, follow_redirects=True, timeout=REQUEST_TIMEOUT_S, headers={"User-Agent": "simulated"}
        )

    async def sign_in(self, login: str, password: str) -> None:
        page = "/accounts/login/"
        await self.client.get(page)
        answer = await self._form(page, {"login": login, "password": password})
        if answer.url.path.startswith(page):
            raise Refused(f"{login} could not sign in: check the password.", answer=answer)

    async def first_exam(self) -> str:
        """Where the first exam on the candidate's list is entered, or gone on with."""
        answer = await self.client.get("/exams/")
        found = _EXAM.search(answer.text)
        if found is None:
            raise Refused("No exam is open for this candidate.", answer=answer)
        return found["path"]

    async def enter(self, page: str) -> dict[str, Any]:
        """Open the attempt, or come back to it; what the exam page begins with."""
        answer = await self.client.get(page)
        found = _START.search(answer.text)
        if found is None:
            answer = await self._form(page, {})
            found = _START.search(answer.text)
        if found is None:
            raise Refused(f"The exam did not open ({answer.status_code}).", answer=answer)
        start: dict[str, Any] = msgspec.json.decode(found["json"])
        return start

    async def post_page(self, path: str, body: object) -> dict[str, Any]:
        """A JSON request of the exam page, guarded by the session."""
        headers = {"X-CSRFToken": self._csrf(), "Referer": self.url}
        answer = await self.client.post(
            path, content=msgspec.json.encode(body), headers={**headers, "Content-Type": "application/json"}
        )
        return self._json(answer)

    async def get_page(self, path: str) -> bytes:
        """Something that belongs to the exam page, guarded by the session; asked for again while the server cannot.

        Raises Refused with what the site answered, TransportError when it never did.
        """
        answer = await self._until_answered("GET", path, b"", {}, tries=PAGE_TRIES)
        self._ensure_taken(answer)
        return answer.content

    async def post_live(self, path: str, body: object) -> dict[str, Any]:
        """A request to the live door; sent again until it is answered."""
        return self._json(
            await self._until_answered("POST", path, msgspec.json.encode(body), {"Content-Type": "application/json"})
        )

    async def put_segment(self, track: str, media_epoch: int, made: Made, codecs: str) -> None:
        headers = {
            "x-sha256": hashlib.sha256(made.content).hexdigest(),
            "x-kind": "fragment" if made.number else "init",
            "x-t-ms": str(made.t_ms),
            "x-d-ms": str(made.d_ms),
            "x-key": "1" if made.key else "0",
            "content-type": "application/octet-stream",
        }
        if not made.number:
            headers["x-codecs"] = codecs
        path = f"/live/v1/media/{track}/{media_epoch}/{made.number}"
        self._json(await self._until_answered("PUT", path, made.content, headers))

    async def close(self) -> None:
        await self.client.aclose()

    async def _until_answered(
        self, method: str, path: str, body: bytes, headers: dict[str, str], *, tries: int | None = None
    ) -> httpx.Response:
        """The answer of a server that can give one; after so many `tries` also that of one that cannot."""
        tried = 0
        while True:
            token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            tried += 1
            try:
                answer = await self.client.request(method, path, content=body, headers={**headers, **token})
                if answer.status_code < 500 or tried == tries:
                    return answer
            except httpx.LocalProtocolError:
                raise  # what we send ourselves is wrong, and stays so
            except httpx.TransportError:
                if tried == tries:
                    raise
                # else the server is away: what is kept is sent again
            wait_s = TRIES_WAIT_S[min(tried, len(TRIES_WAIT_S)) - 1]
            self.resent += 1
            await asyncio.sleep(wait_s * random.uniform(0.7, 1.3))  # noqa: S311 - jitter, no secret

    async def _form(self, path: str, fields: dict[str, str]) -> httpx.Response:
        return await self.client.post(
            path, data={**fields, "csrfmiddlewaretoken": self._csrf()}, headers={"Referer": self.url + path}
        )

    def _csrf(self) -> str:
        return self.client.cookies.get("csrftoken") or ""

    def _ensure_taken(self, answer: httpx.Response) -> None:
        if answer.status_code >= 400:
            raise Refused(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}", answer=answer)

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        self._ensure_taken(answer)
        decoded: dict[str, Any] = msgspec.json.decode(answer.content) if answer.content else {}
        return decoded
