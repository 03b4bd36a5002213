"""A client that costs little: HTTP/1.1 on one kept connection, by hand, so that the load measured is the server's."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Connection:
    port: int
    token: str = ""
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, method: str, path: str, body: bytes, headers: str = "") -> tuple[int, bytes]:
        """Status and body of the answer; requests of one connection wait for each other."""
        async with self._turn:
            if self._writer is None or self._reader is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
            head = (
                f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
                f"Content-Length: {len(body)}\r\n{headers}\r\n"
            )
            self._writer.write(head.encode() + body)
            return await self._answer(self._reader)

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 : lowered.find(b"\r\n", at)]) if at >= 0 else 0
        return status, await reader.readexactly(length) if length else b""
