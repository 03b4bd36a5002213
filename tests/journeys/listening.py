"""Everything a site sends to one page: bodies of answers and frames of sockets."""

from dataclasses import dataclass, field

from playwright.sync_api import Error, Page, Response, WebSocket


@dataclass
class Sent:
    """Bodies by address, in order of arrival; a body that a turning page threw away is missing."""

    bodies: list[tuple[str, bytes]] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("response", self._answer)
        page.on("websocket", self._socket)

    def holding(self, text: str, *, code: bool = True) -> list[str]:
        """The addresses from which `text` came; `code`: scripts and styles of the product as well."""
        found = [address for address, body in self.bodies if text.encode() in body]
        return [address for address in found if code or "/static/" not in address]

    def came_from(self, part: str) -> int:
        """How many bodies came from addresses with `part` in them."""
        return sum(part in address and bool(body) for address, body in self.bodies)

    def _answer(self, response: Response) -> None:
        try:
            self.bodies.append((response.url, response.body()))
        except Error:  # a redirect has no body, and one of a page that was left is gone
            return

    def _socket(self, socket: WebSocket) -> None:
        def take(frame: str | bytes) -> None:
            self.bodies.append((socket.url, frame.encode() if isinstance(frame, str) else frame))

        socket.on("framereceived", take)
