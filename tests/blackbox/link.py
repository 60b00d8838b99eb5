"""A TCP proxy between the services and a server: it can be slow, lose what comes back, and cut in the middle."""

import asyncio
import random
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from deploy.embedded.ports import HOST, free_port

CHUNK = 65_536
PRODUCE = 0
RESENT_SECONDS = 0.2
"""How long TCP waits at least before it sends again what was lost."""
LIMIT_SECONDS = 30.0


@dataclass(slots=True, eq=False)
class Connection:
    """One client's. `produced`: the correlation ids of the appends that were sent and not answered."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    produced: set[bytes] = field(default_factory=set)

    def cut(self) -> None:
        """Ends it for both sides at once, with whatever is on its way."""
        for writer in (self.client, self.server):
            with suppress(RuntimeError):  # its loop may be closing
                writer.transport.abort()


@dataclass(slots=True)
class Link:
    """A proxy to a port of this machine. What it is told holds for all connections, old and new.

    `delay`: seconds that each piece takes, each way. `loss`: the share of pieces that have to be sent again.
    `silent`: nothing that the server says comes back. `answers_to_lose`, `requests_to_cut`: how many more, each with
    its connection. On a link to Kafka these are appends and their acknowledgements, else anything.
    """

    target: int = 0
    kafka: bool = False
    delay: float = 0.0
    loss: float = 0.0
    silent: bool = False
    answers_to_lose: int = 0
    requests_to_cut: int = 0
    cut_at: float = 0.5
    slowed: int = 0
    lost: int = 0
    cut: int = 0
    port: int = field(default_factory=free_port)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    _connections: set[Connection] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, HOST, self.port, limit=CHUNK)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def mend(self) -> None:
        """It is a good link again. What was swallowed stays so: those connections are ended."""
        if self.silent:
            self.cut_all()
        self.delay = self.loss = 0.0
        self.silent = False
        self.answers_to_lose = self.requests_to_cut = 0

    def cut_all(self) -> None:
        """Ends every connection."""
        for each in list(self._connections):
            each.cut()

    async def has(self, done: Callable[[], bool]) -> bool:
        """Waits until the link has done something, within limits; says whether it has."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LIMIT_SECONDS):
                while not done():  # noqa: ASYNC110  # what it carries decides
                    await asyncio.sleep(0.01)
        return done()

    async def _connected(self, client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._carry(client_reader, client)
        except (OSError, asyncio.CancelledError):
            pass  # the server is away, or the run is over: the client is told by the end of its connection
        finally:
            client.transport.abort()
            self._tasks.discard(task)

    async def _carry(self, client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        server_reader, server = await asyncio.open_connection(HOST, self.target, limit=CHUNK)
        connection = Connection(client, server)
        self._connections.add(connection)
        ways = [
            asyncio.create_task(self._requests(client_reader, connection)),
            asyncio.create_task(self._answers(server_reader, connection)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections.discard(connection)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            connection.cut()

    async def _requests(self, reader: asyncio.StreamReader, connection: Connection) -> None:
        while piece := await self._piece(reader):
            await self._slowly()
            counts = not self.kafka or _is_produce(piece)
            if counts and self.requests_to_cut > 0:
                self.requests_to_cut -= 1
                connection.server.write(piece[: max(1, int(len(piece) * self.cut_at))])
                await connection.server.drain()
                self.cut += 1
                return
            if self.kafka and counts:
                connection.produced.add(piece[8:12])
            connection.server.write(piece)
            await connection.server.drain()

    async def _answers(self, reader: asyncio.StreamReader, connection: Connection) -> None:
        while piece := await self._piece(reader):
            await self._slowly()
            counts = not self.kafka or piece[4:8] in connection.produced
            connection.produced.discard(piece[4:8])
            if self.silent:
                self.lost += counts
                continue
            if counts and self.answers_to_lose > 0:
                self.answers_to_lose -= 1
                self.lost += 1
                return
            connection.client.write(piece)
            await connection.client.drain()

    async def _piece(self, reader: asyncio.StreamReader) -> bytes:
        """What is carried at once: a whole request or answer of Kafka, or what there is. Empty: the end."""
        if not self.kafka:
            return await reader.read(CHUNK)
        try:
            size = await reader.readexactly(4)
            return size + await reader.readexactly(struct.unpack(">i", size)[0])
        except asyncio.IncompleteReadError:
            return b""

    async def _slowly(self) -> None:
        seconds = self.delay + (RESENT_SECONDS if self.loss and self.chance.random() < self.loss else 0.0)
        if seconds:
            self.slowed += 1
            await asyncio.sleep(seconds)


def _is_produce(request: bytes) -> bool:
    return bool(struct.unpack(">h", request[4:6])[0] == PRODUCE)
