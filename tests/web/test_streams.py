"""Bodies and answers that come and go by and by: how long they may take, and what is said of what does not."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp
import pytest
from aiohttp import web

from shared.settings import Settings
from shared.web.downloads import Content, ContentResponse, Download
from shared.web.edge import translating_errors
from shared.web.uploads import UploadBounds, begin_upload
from tests.fixtures.names import eventually
from tests.fixtures.serving import served

SHORT_SECONDS = 0.5
LONG_SECONDS = 60.0
AT_MOST_SECONDS = 10.0
LIMIT = 1_000
SLOW, FAST = 10, 5_000  # bytes in a second: far less than a trickle brings, and far more
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(
    method: str, handler: Handler, *, body_seconds: float = SHORT_SECONDS
) -> AsyncIterator[aiohttp.ClientSession]:
    """One route, behind what translates errors and what bounds connections."""
    app = web.Application(middlewares=[translating_errors])
    app.router.add_route(method, "/", handler)
    settings = replace(Settings(), body_seconds=body_seconds)
    async with served(app, settings) as url, aiohttp.ClientSession(url) as client:
        yield client


def taking(bounds: UploadBounds) -> Handler:
    """Reads a whole upload, and says how long it was."""

    async def handle(request: web.Request) -> web.StreamResponse:
        upload = await begin_upload(request, bounds)
        return web.json_response({"bytes": sum([len(chunk) async for chunk in upload.chunks])})

    return handle


async def trickle(times: int) -> AsyncIterator[bytes]:
    """A byte every tenth of a short while."""
    for _ in range(times):
        yield b"a"
        await asyncio.sleep(SHORT_SECONDS / 10)


async def stop() -> AsyncIterator[bytes]:
    yield b"a"
    await asyncio.Event().wait()


async def told(client: aiohttp.ClientSession, body: AsyncIterator[bytes], **headers: str) -> tuple[int, str | int]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with asyncio.timeout(AT_MOST_SECONDS), client.post("/", data=body, headers=sent) as response:
        answer = await response.json(content_type=None)
        return response.status, answer.get("code", answer.get("bytes"))


async def test_a_file_may_take_longer_than_other_bodies_as_long_as_it_comes() -> None:
    async with serving("POST", taking(UploadBounds(LIMIT, LONG_SECONDS, SHORT_SECONDS, SLOW))) as client:
        assert await told(client, trickle(20)) == (200, 20)


async def test_a_file_that_comes_but_too_slowly_is_given_up_long_before_its_time_is_over() -> None:
    async with serving("POST", taking(UploadBounds(LIMIT, LONG_SECONDS, SHORT_SECONDS, FAST))) as client:
        assert await told(client, trickle(1_000)) == (408, "body-is-slow")


async def test_how_fast_a_file_comes_goes_by_what_was_sent_and_not_by_what_it_swells_to() -> None:
    deflating = zlib.compressobj()

    async def swells() -> AsyncIterator[bytes]:
        async for _ in trickle(1_000):
            yield deflating.compress(bytes(FAST)) + deflating.flush(zlib.Z_SYNC_FLUSH)

    async with serving("POST", taking(UploadBounds(1_000 * FAST, LONG_SECONDS, SHORT_SECONDS, FAST))) as client:
        assert await told(client, swells(), content_encoding="deflate") == (408, "body-is-slow")


async def test_whoever_sends_a_file_is_not_charged_with_the_time_that_keeping_it_takes() -> None:
    kept = asyncio.Event()

    async def keeps_slowly(request: web.Request) -> web.StreamResponse:
        upload = await begin_upload(request, UploadBounds(LIMIT, LONG_SECONDS, SHORT_SECONDS, FAST))
        first = await anext(upload.chunks)
        await asyncio.sleep(2 * SHORT_SECONDS)
        kept.set()
        return web.json_response({"bytes": sum([len(chunk) async for chunk in upload.chunks], len(first))})

    async def goes_on_when_it_is_kept() -> AsyncIterator[bytes]:
        yield b"a"
        await kept.wait()
        yield b"b"

    async with serving("POST", keeps_slowly, body_seconds=LONG_SECONDS) as client:
        assert await told(client, goes_on_when_it_is_kept()) == (200, 2)


PHONE = UploadBounds(LIMIT, LONG_SECONDS, pause_seconds=10, bytes_per_second=4_096)
LONG_AGO = 100_000


def is_waited_for(bits: Iterable[tuple[float, int]]) -> bool:
    """Whether bits that take so many seconds and have so many bytes are all waited for."""
    came, waited = 0, 0.0
    for seconds, size in bits:
        if seconds > PHONE.patience_seconds(came, waited):
            return False
        came, waited = came + size, waited + seconds
    return True


@pytest.mark.parametrize(
    ("bits", "all_of_them"),
    [
        ([(1.0, 4_096)] * LONG_AGO, True),
        ([(1.0, 4_095)] * LONG_AGO, False),
        ([(1.0, 2_048)] * 18, True),
        ([(1.0, 2_048)] * 30, False),
        ([(10.0, 1)], True),
        ([(10.1, 1)], False),
        ([(9.5, 40), (0.5, 45_000)] * 30, True),
        ([(1.0, 1_000_000), (10.0, 1)], True),
        ([(1.0, 1_000_000), (10.1, 1)], False),
    ],
    ids=[
        "at the pace",
        "a byte a second below it",
        "half of it, for a while",
        "half of it, and no better",
        "a long pause",
        "too long a pause",
        "with the pauses of a poor line",
        "a long pause behind much",
        "too long a pause behind however much",
    ],
)
def test_a_file_is_waited_for_as_long_as_it_keeps_its_pace_on_average(
    bits: list[tuple[float, int]], *, all_of_them: bool
) -> None:
    assert is_waited_for(bits) is all_of_them


async def test_a_file_that_pauses_for_too_long_is_given_up() -> None:
    async with serving("POST", taking(UploadBounds(LIMIT, LONG_SECONDS, SHORT_SECONDS, SLOW))) as client:
        assert await told(client, stop()) == (408, "body-is-slow")


async def test_a_file_that_never_ends_is_given_up_when_its_time_is_over() -> None:
    async with serving(
        "POST", taking(UploadBounds(LIMIT, SHORT_SECONDS, LONG_SECONDS, SLOW)), body_seconds=LONG_SECONDS
    ) as client:
        assert await told(client, trickle(1_000)) == (408, "body-is-slow")


async def test_a_file_past_its_limit_is_refused_where_it_gets_there() -> None:
    async def too_much() -> AsyncIterator[bytes]:
        yield bytes(LIMIT + 1)
        await asyncio.Event().wait()

    async with serving("POST", taking(UploadBounds(LIMIT, LONG_SECONDS, LONG_SECONDS, SLOW))) as client:
        assert await told(client, too_much()) == (413, "too-large")


@dataclass
class Chunks:
    """A content that gives these, and then does as it is told."""

    chunks: list[bytes]
    then: Callable[[], Awaitable[bytes]]
    closed: bool = field(default=False)

    async def read(self) -> bytes:
        return self.chunks.pop(0) if self.chunks else await self.then()

    async def close(self) -> None:
        self.closed = True


async def nothing_more() -> bytes:
    return b""


async def breaks() -> bytes:
    raise RuntimeError("the store broke")


async def hangs() -> bytes:
    await asyncio.Event().wait()
    return b""


def giving(content: Content, size: int) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return ContentResponse(Download("a", "text/plain", size, "tag"), None, content, SHORT_SECONDS)

    return handle


async def test_what_is_given_whole_is_whole() -> None:
    content = Chunks([b"he", b"re"], nothing_more)
    async with serving("GET", giving(content, 4)) as client, client.get("/") as response:
        assert (response.status, await response.read()) == (200, b"here")
    assert content.closed


@pytest.mark.parametrize("then", [nothing_more, breaks, hangs], ids=["too little", "a fault", "too slow"])
async def test_what_cannot_be_given_to_its_end_is_cut_off(then: Callable[[], Awaitable[bytes]]) -> None:
    content = Chunks([b"he"], then)
    async with serving("GET", giving(content, 4)) as client:
        with pytest.raises(aiohttp.ClientPayloadError):
            async with asyncio.timeout(AT_MOST_SECONDS), client.get("/") as response:
                await response.read()
        await eventually(lambda: content.closed)


async def test_whoever_hangs_up_costs_nothing_more() -> None:
    content = Chunks([bytes(65_536)] * 1_000, hangs)
    async with serving("GET", giving(content, 65_536 * 1_000)) as client:
        async with client.get("/") as response:
            await response.content.read(1)
            response.close()
        await eventually(lambda: content.closed)
