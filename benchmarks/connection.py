"""One HTTP/1.1 connection that costs next to nothing: prepared bytes out, status and body in, one after the other."""

import asyncio
from dataclasses import dataclass
from typing import Any

from benchmarks.apart import BrokenRunError

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """`ask` sends a whole request and waits for its answer, which must say how long it is."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._received = b""
        self._waiting: asyncio.Future[Answered] | None = None

    async def ask(self, request: bytes) -> Answered:
        """Sends it and gives the answer. Raises BrokenRunError when the connection is lost meanwhile."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        """Ends the connection."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Who waits for an answer gets none."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(BrokenRunError(f"a connection was lost: {exc!r}"))

    def data_received(self, data: bytes) -> None:
        """Answers who waits as soon as the whole answer is here."""
        self._received += data
        answered = read_answer(self._received)
        if answered is not None and self._waiting is not None and not self._waiting.done():
            self._received = b""
            self._waiting.set_result(answered)


def read_answer(received: bytes) -> Answered | None:
    """The answer in these bytes; None while some of it is missing. Raises BrokenRunError when it names no length."""
    end = received.find(END_OF_HEAD)
    if end < 0:
        return None
    head = received[:end].lower()
    start = head.find(LENGTH)
    if start < 0:
        raise BrokenRunError("an answer does not say how long it is")
    length = int(head[start + len(LENGTH) :].split(b"\r\n", 1)[0])
    body = received[end + len(END_OF_HEAD) :]
    return Answered(int(head[9:12]), body) if len(body) >= length else None


async def connect(host: str, port: int) -> Connection:
    """Opens a connection."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection


def request_bytes(method: str, path: str, token: str = "", body: bytes = b"", **headers: str) -> bytes:
    """A whole request, with the headers that clients usually send. `headers` are more, `_` in their names being `-`."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "User-Agent: verbatim-benchmarks",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + END_OF_HEAD + body
