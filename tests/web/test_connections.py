"""What a connection may cost: slow headers and bodies, answers that nobody takes, idle ones, too many, bodies that
swell."""

import asyncio
import gzip
import json
import zlib
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from time import monotonic
from typing import cast

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from shared.settings import Settings
from shared.web.connections import OTHER_FILES, SPARE, files_for
from tests.fixtures.names import eventually
from tests.web.conftest import LARGE, LENGTHY_SECONDS, LIMIT, serving
from tests.web.sending import nested
from tests.web.wire import ROOM, connected_to, connected_with_little_room, posted

SHORT_SECONDS = 0.3
AT_MOST_SECONDS = 5.0  # what only a fault exceeds, on however slow a machine
BETWEEN_BYTES_SECONDS = 0.01
SETTINGS = replace(Settings(), body_limit_bytes=LIMIT)
ECHO = posted("/v1/echo", body=b'{"text": "here"}')
HEADER, BODY = ECHO.split(b"\r\n\r\n")
EMPTY_BODY = b'{"text": ""}'


def body_of(size: int) -> bytes:
    """A good body of so many bytes."""
    return b'{"text": "' + b"a" * (size - len(EMPTY_BODY)) + b'"}'


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def answer_to(reader: asyncio.StreamReader) -> tuple[int, dict[str, object]]:
    """The next answer on a connection."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), AT_MOST_SECONDS)
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    body = await asyncio.wait_for(reader.readexactly(int(lines[b"content-length"])), AT_MOST_SECONDS)
    return int(head.split()[1]), json.loads(body) if body.startswith(b"{") else {}


async def is_closed(reader: asyncio.StreamReader) -> bool:
    with suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), AT_MOST_SECONDS) == b""
    return True


async def trickle(
    writer: asyncio.StreamWriter, reader: asyncio.StreamReader, raw: bytes, at_most_seconds: float = AT_MOST_SECONDS
) -> float:
    """Sends one byte at a time, until all are sent or the connection or the time ends; gives how long that took."""
    began = monotonic()
    with suppress(ConnectionError):
        for byte in raw:
            if reader.at_eof() or monotonic() - began > at_most_seconds:
                break
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(BETWEEN_BYTES_SECONDS)
    return monotonic() - began


@pytest.mark.parametrize("asked_before", [False, True], ids=["a new connection", "a used connection"])
async def test_a_header_that_comes_a_byte_at_a_time_is_given_up(*, asked_before: bool) -> None:
    late = counted("verbatim_slow_requests_total", part="header")
    async with serving(replace(SETTINGS, header_seconds=SHORT_SECONDS)) as client:
        reader, writer = await connected_to(client)
        if asked_before:
            writer.write(ECHO)
            assert (await answer_to(reader))[0] == 200
        seconds = await trickle(writer, reader, HEADER * 20)
        assert await is_closed(reader)
        writer.close()
        async with client.post("/v1/echo", json={"text": "others go on"}) as response:
            assert response.status == 200

    assert SHORT_SECONDS * 0.9 <= seconds < AT_MOST_SECONDS
    assert counted("verbatim_slow_requests_total", part="header") == late + 1


async def test_a_connection_that_never_says_anything_is_closed() -> None:
    async with serving(replace(SETTINGS, header_seconds=SHORT_SECONDS)) as client:
        reader, writer = await connected_to(client)
        assert await is_closed(reader)
        writer.close()


async def test_a_body_that_comes_a_byte_at_a_time_is_answered_408_and_the_connection_closed(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    late = counted("verbatim_slow_requests_total", part="body")
    async with serving(replace(SETTINGS, body_seconds=SHORT_SECONDS)) as client:
        reader, writer = await connected_to(client)
        writer.write(posted("/v1/echo", body=b" " * LIMIT).rstrip(b" "))
        cast(asyncio.Transport, writer.transport).pause_reading()  # as who reads when all is sent
        await trickle(writer, reader, b" " * LIMIT, 2 * SHORT_SECONDS)
        cast(asyncio.Transport, writer.transport).resume_reading()
        status, problem = await answer_to(reader)
        assert await is_closed(reader)
        writer.close()

    assert (status, problem["code"], problem["retryable"]) == (408, "body-is-slow", True)
    assert counted("verbatim_slow_requests_total", part="body") == late + 1
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err + caplog.text


async def test_whoever_keeps_within_the_deadlines_is_served_however_long_the_work_takes() -> None:
    in_time = replace(SETTINGS, header_seconds=LENGTHY_SECONDS / 2, body_seconds=LENGTHY_SECONDS / 2)
    header, body = posted("/v1/lengthy", body=b'{"text": "here"}').split(b"\r\n\r\n")
    late = [counted("verbatim_slow_requests_total", part=part) for part in ("header", "body")]
    async with serving(in_time) as client:
        reader, writer = await connected_to(client)
        for _ in range(2):
            for part in (header, b"\r\n\r\n", body[:5], body[5:]):
                writer.write(part)
                await asyncio.sleep(LENGTHY_SECONDS / 20)
            assert await answer_to(reader) == (200, {"text": "here"})
        writer.close()
    assert late == [counted("verbatim_slow_requests_total", part=part) for part in ("header", "body")]


async def test_whoever_does_not_read_an_answer_is_cut_off() -> None:
    late, connections = counted("verbatim_slow_requests_total", part="answer"), counted("verbatim_connections")
    async with serving(replace(SETTINGS, answer_seconds=SHORT_SECONDS)) as client:
        _, writer = await connected_with_little_room(client)
        writer.write(b"GET /v1/large HTTP/1.1\r\nHost: a\r\n\r\n")
        await eventually(lambda: counted("verbatim_slow_requests_total", part="answer") == late + 1)
        await eventually(lambda: counted("verbatim_connections") == connections)
        writer.close()


async def test_whoever_reads_slowly_has_the_whole_answer() -> None:
    late = counted("verbatim_slow_requests_total", part="answer")
    async with serving(replace(SETTINGS, answer_seconds=LENGTHY_SECONDS)) as client:
        reader, writer = await connected_with_little_room(client)
        writer.write(b"GET /v1/large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        began, taken = monotonic(), 0
        while piece := await asyncio.wait_for(reader.read(ROOM), AT_MOST_SECONDS):
            taken += len(piece)
            await asyncio.sleep(0.02 if monotonic() - began < 3 * LENGTHY_SECONDS else 0)
        writer.close()

    assert taken > LARGE
    assert monotonic() - began > 3 * LENGTHY_SECONDS
    assert counted("verbatim_slow_requests_total", part="answer") == late


async def test_where_too_much_waits_to_be_taken_who_waits_longest_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.connections.UNTAKEN_BYTES", 2 * LARGE)
    late = counted("verbatim_slow_requests_total", part="answer")
    async with serving(SETTINGS) as client:
        waiting = []
        for _ in range(3):
            reader, writer = await connected_with_little_room(client)
            writer.write(b"GET /v1/large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), AT_MOST_SECONDS)
            waiting.append((reader, writer))

        await eventually(lambda: counted("verbatim_slow_requests_total", part="answer") == late + 1)
        taken = [await all_that_comes(reader) for reader, _ in waiting]
        for _, writer in waiting:
            writer.close()

    assert [each > LARGE for each in taken] == [False, True, True]


async def all_that_comes(reader: asyncio.StreamReader) -> int:
    """How many bytes come until the connection ends, however it does."""
    taken = 0
    with suppress(ConnectionError):
        while piece := await asyncio.wait_for(reader.read(ROOM), AT_MOST_SECONDS):
            taken += len(piece)
    return taken


async def test_an_idle_connection_is_closed_and_one_that_asks_in_time_is_not() -> None:
    async with serving(replace(SETTINGS, idle_seconds=SHORT_SECONDS)) as client:
        reader, writer = await connected_to(client)
        for _ in range(3):
            writer.write(ECHO)
            assert (await answer_to(reader))[0] == 200
            await asyncio.sleep(SHORT_SECONDS / 2)
        assert await is_closed(reader)
        writer.close()


@pytest.mark.parametrize(("encoding", "encoded"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_an_encoded_body_is_as_large_and_as_deep_as_what_it_holds(
    client: aiohttp.ClientSession, encoding: str, encoded: type[bytes]
) -> None:
    at, past = (body_of(LIMIT + more) for more in (0, 1))
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    for raw, status in ((at, 200), (past, 413), (nested(32), 200), (nested(33), 400)):
        async with client.post("/v1/echo", data=encoded(raw), headers=headers) as response:
            assert response.status == status


async def test_a_body_may_have_two_mebibytes() -> None:
    async with serving(Settings()) as client:
        for size, status in ((2 * 1024 * 1024, 200), (2 * 1024 * 1024 + 1, 413)):
            headers = {"Content-Type": "application/json"}
            async with client.post("/v1/echo", data=BytesIO(body_of(size)), headers=headers) as response:
                assert response.status == status


@pytest.mark.parametrize(("path", "status"), [("/v1/echo", 413), ("/v1/nowhere", 404)])
async def test_a_body_that_swells_when_it_is_decoded_is_decoded_no_further_than_the_limit(
    path: str, status: int
) -> None:
    swells_to = 60_000_000
    bomb = gzip.compress(b"\0" * swells_to, compresslevel=1)
    answered: list[web.Request] = []
    async with serving(SETTINGS, answered) as client:
        reader, writer = await connected_to(client)
        writer.write(posted(path, b"Content-Encoding: gzip", body=bomb))
        assert (await answer_to(reader))[0] == status
        assert await is_closed(reader)
        writer.close()

    (request,) = answered
    assert request.content.total_bytes < swells_to / 20


async def test_beyond_the_limit_connections_are_turned_away_and_health_is_still_answered() -> None:
    turned_away = counted("verbatim_connections_turned_away_total")
    async with serving(replace(SETTINGS, connection_limit=2)) as client:
        served = [await connected_to(client) for _ in range(2)]
        for reader, writer in served:
            writer.write(ECHO)
            assert (await answer_to(reader))[0] == 200

        for raw, status in ((b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 200), (ECHO, 503)):
            reader, writer = await connected_to(client)
            writer.write(raw)
            assert (await answer_to(reader))[0] == status
            assert await is_closed(reader)
            writer.close()
        assert counted("verbatim_connections_turned_away_total") == turned_away + 1

        waiting = [await connected_to(client) for _ in range(SPARE)]
        reader, writer = await connected_to(client)
        status, problem = await answer_to(reader)
        assert (status, problem["code"], problem["retryable"]) == (503, "unavailable", True)
        assert await is_closed(reader)
        assert counted("verbatim_connections_turned_away_total") == turned_away + 2

        for _, each in (*waiting, served[0], (reader, writer)):
            each.close()
        await until_there_is_room(client)
        for reader, writer in served[1:]:
            writer.write(ECHO)
            assert (await answer_to(reader))[0] == 200
            writer.close()


async def until_there_is_room(client: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(AT_MOST_SECONDS):
        while True:
            with suppress(aiohttp.ClientError):
                async with client.post("/v1/echo", json={"text": "again"}) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("connections", "soft", "hard", "files", "served"),
    [
        (1_000, 100_000, 100_000, 100_000, 1_000),
        (1_000, 256, 100_000, 2_000 + SPARE + OTHER_FILES, 1_000),
        (1_000, 256, -1, 2_000 + SPARE + OTHER_FILES, 1_000),
        (1_000, 256, 512, 512, (512 - SPARE - OTHER_FILES) // 2),
        (1_000, -1, -1, -1, 1_000),
        (1_000, 64, 64, 64, 1),
    ],
)
def test_there_are_no_more_connections_than_files_may_be_open(
    connections: int, soft: int, hard: int, files: int, served: int
) -> None:
    assert files_for(connections, soft, hard) == (files, served)
