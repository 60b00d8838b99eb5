"""So many files go to one user at once: each counts from when it is asked for until it is closed, however that ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import REGISTRY

from services.command.files.contents import ContentIsMissingError, ContentStore
from services.command.files.directory import DirectoryStore
from services.command.files.gathering import gathered
from services.command.files.sending import Sending
from services.command.rate_limits import ConcurrencyLimit, TooManyAtOnce
from shared.identifiers import UserId
from shared.settings import Settings
from shared.web.downloads import Content, Span
from shared.web.problems import Unavailable
from tests.conversations.talking import people
from tests.files.test_gathering import pieces
from tests.files.uploading import download, uploaded
from tests.fixtures.command_service import CommandService, Person, running_command_service, until_ready
from tests.fixtures.names import eventually
from tests.web.wire import connected_with_little_room

ADA, BOB = UserId("ada"), UserId("bob")
CONTENT = b"here"
SHA256 = sha256(CONTENT).hexdigest()
WHOLE = Span(0, len(CONTENT))
AT_ONCE = 2
LARGE_BYTES = 2_000_000  # more than waits between two who do not take it


@pytest.fixture
async def store(tmp_path: Path) -> ContentStore:
    """One that has a content."""
    store = DirectoryStore(tmp_path)
    async with gathered(pieces(CONTENT), store.incoming) as content:
        await store.put(content)
    return store


@pytest.fixture
def sending(store: ContentStore) -> Sending:
    """It gives two to each at once."""
    return Sending(store, ConcurrencyLimit("downloads", AT_ONCE), 1.0)


async def opened(sending: Sending, by: UserId = ADA) -> Content:
    return await sending.open(by, SHA256, WHOLE)


async def test_so_many_go_to_one_user_at_once_and_one_more_for_each_that_is_closed(sending: Sending) -> None:
    contents = [await opened(sending) for _ in range(AT_ONCE)]
    with pytest.raises(TooManyAtOnce):
        await opened(sending)
    of_bob = await opened(sending, BOB)
    await contents.pop().close()
    contents.append(await opened(sending))
    with pytest.raises(TooManyAtOnce):
        await opened(sending)

    assert [await each.read() for each in (*contents, of_bob)] == [CONTENT] * 3
    for each in (*contents, of_bob):
        await each.close()
    assert len(sending.of_one) == 0


async def test_what_cannot_be_opened_does_not_count(sending: Sending) -> None:
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ContentIsMissingError):
            await sending.open(ADA, "0" * 64, WHOLE)


async def test_what_cannot_be_closed_counts_no_longer(store: ContentStore, tmp_path: Path) -> None:
    sending = Sending(BreaksWhenClosed(tmp_path), ConcurrencyLimit("downloads", 1), 1.0)
    for _ in range(2):
        content = await opened(sending)
        with pytest.raises(Unavailable):
            await content.close()


class BreaksWhenClosed(DirectoryStore):
    """A store that is gone when a content of it is closed."""

    async def open(self, sha256: str, span: Span) -> Content:
        """As ever."""
        return BrokenContent(await super().open(sha256, span))


@dataclass
class BrokenContent:
    """What it gives."""

    content: Content

    async def read(self) -> bytes:
        return await self.content.read()

    async def close(self) -> None:
        await self.content.close()
        raise Unavailable


@pytest.fixture(scope="module")
async def service(shared_settings: Settings) -> AsyncIterator[CommandService]:
    """It gives two to each at once, too."""
    async with running_command_service(replace(shared_settings, downloads_of_a_user=AT_ONCE)) as service:
        await until_ready(service)
        yield service


@asynccontextmanager
async def downloading(person: Person, file_id: str) -> AsyncIterator[asyncio.StreamReader]:
    """A download that has begun, and of which nothing is taken until it is read."""
    async with aiohttp.ClientSession(person.service.url) as client:
        reader, writer = await connected_with_little_room(client)
        head = f"GET /v1/files/{file_id} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {person.token}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        yield reader
        writer.close()


async def test_whoever_downloads_so_many_at_once_waits_for_one_of_them_and_others_do_not(
    service: CommandService,
) -> None:
    going, refused_before = counted("verbatim_downloads"), counted("verbatim_rate_limited_total", limit="downloads")
    anna, ben = await people(service, 2)
    large = bytes(LARGE_BYTES)
    file_id, of_ben = await uploaded(anna, large), await uploaded(ben, large)
    tag = (await download(anna, file_id)).headers["ETag"]
    async with downloading(anna, file_id) as first:
        async with downloading(anna, file_id):
            refused = await download(anna, file_id)
            known = await download(anna, file_id, if_none_match=tag)
            looked = await download(anna, file_id, method="HEAD")
            others = await download(ben, of_ben)
        await eventually(lambda: is_given(anna, file_id))  # the other has hung up
        rest = await first.read()

    assert (refused.status, json.loads(refused.content)["code"]) == (429, "too-many-requests")
    assert (refused.headers["Retry-After"], refused.headers["RateLimit"]) == ("1", '"downloads";r=0')
    assert refused.headers["RateLimit-Policy"] == f'"downloads";q={AT_ONCE};qu="concurrent-requests"'
    assert (known.status, looked.status, others.content) == (304, 200, large)
    assert rest == large
    assert counted("verbatim_rate_limited_total", limit="downloads") > refused_before
    await eventually(lambda: counted("verbatim_downloads") == going)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def is_given(person: Person, file_id: str) -> bool:
    return (await download(person, file_id)).status == 200
