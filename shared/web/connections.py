"""What a connection may cost: how many there are, how long each may be idle, and how long it may take to ask."""

import asyncio
import resource
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import aiohttp
import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from prometheus_client import Counter, Gauge

from shared.settings import Settings
from shared.web.malformed_http import QuietConnection
from shared.web.problems import BodyIsSlow, Unavailable, problem_response

LINGERING_SECONDS = 1.0  # from an answer to the end of a connection whose other side is still sending a body
SPARE = 16  # connections beyond the limit, for those who ask how the service is
SPARE_PATHS = frozenset({"/health", "/ready", "/metrics"})
FILES_OF_A_CONNECTION = 2  # itself, and a file that comes or goes through it
OTHER_FILES = 100  # that a service has open besides: Kafka, Postgres
UNSENT_BYTES = 131_072  # that the kernel takes of an answer ahead of the network: what is more waits, and is watched
UNTAKEN_BYTES = 134_217_728  # of all answers together that wait to be taken
CONNECTIONS = Gauge("verbatim_connections", "Connections that are served")
TURNED_AWAY = Counter("verbatim_connections_turned_away", "Connections answered 503 because there were too many")
SLOW = Counter("verbatim_slow_requests", "Requests given up because a part of them took too long", ["part"])
log = structlog.get_logger()

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds for the header of a request, for its body, and for any part of an answer that waits to be taken; and how
    many connections are served at once."""

    header_seconds: float
    body_seconds: float
    answer_seconds: float
    connections: int


class BoundedRunner(web.AppRunner):
    """An AppRunner whose connections keep within the settings. aiohttp offers no way to name the class of them."""

    def __init__(self, app: web.Application, settings: Settings, *, shutdown_timeout: float) -> None:
        bounds = Bounds(
            settings.header_seconds,
            settings.body_seconds,
            settings.answer_seconds,
            _connections_for(settings.connection_limit),
        )
        super().__init__(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=shutdown_timeout,
            keepalive_timeout=settings.idle_seconds,
            lingering_time=LINGERING_SECONDS,
            bounds=bounds,
        )

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server
        cast(_Server, server).untaken = _Untaken()
        return server


class _Server(web.Server):
    untaken: "_Untaken"

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)

    @property
    def served(self) -> int:
        """How many connections there are."""
        return len(self._connections)


class _Untaken:
    """How much of answers waits to be taken, by connection: when it is too much, who waits longest is cut off."""

    def __init__(self) -> None:
        self._bytes_of: dict[_Connection, int] = {}
        self._bytes = 0

    def add(self, connection: "_Connection", size: int) -> None:
        """So many bytes wait on this connection from now on. It counts as large until all of it is taken."""
        self.remove(connection)
        self._bytes_of[connection] = size
        self._bytes += size
        while self._bytes > UNTAKEN_BYTES:
            longest = next(iter(self._bytes_of))
            self.remove(longest)
            longest.cut_off()

    def remove(self, connection: "_Connection") -> None:
        """Nothing waits there any more."""
        self._bytes -= self._bytes_of.pop(connection, 0)


class _Connection(QuietConnection):
    def __init__(self, server: _Server, *, bounds: Bounds, **given: Any) -> None:
        super().__init__(server, **given)
        self._server = server
        self._bounds = bounds
        self.came_bytes = 0
        self._header_late: asyncio.TimerHandle | None = None
        self._body_late: asyncio.TimerHandle | None = None
        self._answer_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is served, or served if it asks how the service is, or turned away."""
        self._wire = cast(asyncio.Transport, transport)
        beyond = self._server.served - self._bounds.connections
        if beyond >= SPARE:
            self._turn_away()
            return
        if beyond >= 0 and self._request_handler is not None:
            self._request_handler = _asked_how_it_is(self._request_handler)
        CONNECTIONS.inc()
        super().connection_made(transport)
        _let_nothing_wait_unseen(self._wire)
        self._expect_header()

    def connection_lost(self, exc: BaseException | None) -> None:
        """It is no longer counted, nor watched."""
        for late in (self._header_late, self._answer_late):
            if late is not None:
                late.cancel()
        self._server.untaken.remove(self)
        if self in self._server._connections:  # noqa: SLF001  # those turned away never were
            CONNECTIONS.dec()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Gives it to the parser, and sees whether a header is complete now, or has begun."""
        self.came_bytes += len(data)
        asked = self._request_count
        super().data_received(data)
        if self._request_count != asked:
            if self._header_late is not None:
                self._header_late.cancel()
                self._header_late = None
        elif self._header_late is None and self._waiter is not None and not self._waiter.done():
            self._expect_header()

    def _expect_header(self) -> None:
        self._header_late = self._loop.call_later(self._bounds.header_seconds, self._give_up_header)

    def _give_up_header(self) -> None:
        SLOW.labels("header").inc()
        self.force_close()

    def pause_writing(self) -> None:
        """Some of what is sent waits: it must be taken, bit by bit."""
        super().pause_writing()
        self._server.untaken.add(self, self._wire.get_write_buffer_size())
        self._expect_progress()

    def resume_writing(self) -> None:
        """Nothing waits any more."""
        super().resume_writing()
        self._server.untaken.remove(self)
        if self._answer_late is not None:
            self._answer_late.cancel()

    def _expect_progress(self) -> None:
        waiting = self._wire.get_write_buffer_size()
        self._answer_late = self._loop.call_later(self._bounds.answer_seconds, self._see_progress, waiting)

    def _see_progress(self, waiting: int) -> None:
        if self._wire.get_write_buffer_size() != waiting:
            self._expect_progress()
            return
        self.cut_off()

    def cut_off(self) -> None:
        """Ends it in the middle of an answer that is not taken: closed, it would wait for the rest to be."""
        SLOW.labels("answer").inc()
        self._wire.abort()

    def _turn_away(self) -> None:
        TURNED_AWAY.inc()
        self._force_close = True  # what it sends is not even parsed
        self._wire.write(_as_bytes(_too_many()))
        self._wire.close()

    async def _handle_request(
        self, request: web.BaseRequest, start_time: float | None, request_handler: Handler
    ) -> tuple[web.StreamResponse, bool]:
        body = request.content
        if body.is_eof():  # as it nearly always is: a small body comes with its header
            return await super()._handle_request(request, start_time, request_handler)
        self.expect_body(body, self._bounds.body_seconds)
        try:
            return await super()._handle_request(request, start_time, request_handler)
        finally:
            if self._body_late is not None:
                self._body_late.cancel()
            if not body.is_eof():
                await self._drop_the_rest(request)

    def expect_body(self, body: aiohttp.StreamReader, seconds: float) -> None:
        """A body has so long from now on."""
        if self._body_late is not None:
            self._body_late.cancel()
        self._body_late = self._loop.call_later(seconds, give_up_body, body)

    async def _drop_the_rest(self, request: web.BaseRequest) -> None:
        """Sees to what still comes of a body after the answer; aiohttp itself reads on for a while, and decodes."""
        if isinstance(request.content.exception(), BodyIsSlow):
            self.close()
            await asyncio.sleep(LINGERING_SECONDS)  # closed at once, the answer would be lost to who is still sending
        elif "Content-Encoding" in request.headers:
            self.close()  # decoded, the rest may be as large as it likes


def _let_nothing_wait_unseen(wire: asyncio.Transport) -> None:
    """Makes the transport tell of every byte that the kernel does not take, and the kernel take little ahead of time:
    it would take megabytes, and then nothing more until a third of them is gone."""
    wire.set_write_buffer_limits(high=0)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        wire.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


def allow_body(request: web.BaseRequest, seconds: float) -> None:
    """Gives a body that is read by and by so long from now on, instead of what all others have."""
    connection = request.protocol
    if isinstance(connection, _Connection) and not request.content.is_eof():
        connection.expect_body(request.content, seconds)


def bytes_that_came(request: web.BaseRequest) -> int:
    """How many its connection has brought so far, encoded as they are."""
    return cast(_Connection, request.protocol).came_bytes


def give_up_body(body: aiohttp.StreamReader) -> None:
    """Whoever reads it is told that it is slow, if it has not come whole."""
    if not body.is_eof():
        SLOW.labels("body").inc()
        body.set_exception(BodyIsSlow())


def _asked_how_it_is(handler: Handler) -> Handler:
    """Answers one request: if it asks how the service is, as ever, else that there are too many."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.path in SPARE_PATHS:
            response = await handler(request)
        else:
            TURNED_AWAY.inc()
            response = _too_many()
        response.force_close()
        return response

    return handle


def _too_many() -> web.Response:
    return problem_response(Unavailable("there are too many connections"), str(uuid4()))


def _as_bytes(response: web.Response) -> bytes:
    """A response as it goes over the wire, after which the connection is closed."""
    body = cast(bytes, response.body)
    headers = {**response.headers, "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _connections_for(wanted: int) -> int:
    """As many connections as the limit of open files lets through, which is raised for them as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files, connections = files_for(wanted, soft, hard)
    if files > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    if connections < wanted:
        log.warning("fewer connections than the setting says, because of the limit of open files", limit=connections)
    return connections


def files_for(connections: int, soft: int, hard: int) -> tuple[int, int]:
    """The limit of open files to ask for, and how many connections that leaves room for."""
    wanted = FILES_OF_A_CONNECTION * connections + SPARE + OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft, connections
    files = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    return files, max(1, min(connections, (files - SPARE - OTHER_FILES) // FILES_OF_A_CONNECTION))
