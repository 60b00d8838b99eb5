"""Uploads while they come: slowly, several at once, or never to their end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from tests.conversations.talking import people, told
from tests.files.conftest import BYTES_PER_SECOND, LIMIT, SHORT_SECONDS
from tests.files.uploading import contents, upload
from tests.fixtures.command_service import CommandService, Person
from tests.fixtures.names import eventually
from tests.web.wire import connected_to


def coming(service: CommandService) -> int:
    """How many files are coming right now."""
    return len(list((service.settings.files_directory / "incoming").glob("*")))


async def test_a_file_that_stops_coming_is_given_up_and_leaves_nothing(service: CommandService, anna: Person) -> None:
    before = len(contents(service))

    async def stops() -> AsyncIterator[bytes]:
        yield b"a" * 1_000
        await asyncio.Event().wait()

    assert told(await asyncio.wait_for(upload(anna, stops()), 5)) == (408, "body-is-slow")
    assert len(contents(service)) == before


async def test_a_file_that_comes_but_too_slowly_is_given_up_and_leaves_nothing(
    service: CommandService, anna: Person
) -> None:
    before = len(contents(service))

    async def drips() -> AsyncIterator[bytes]:
        while True:
            yield b"a"
            await asyncio.sleep(SHORT_SECONDS / 4)

    assert told(await asyncio.wait_for(upload(anna, drips()), 20)) == (408, "body-is-slow")
    assert len(contents(service)) == before


async def test_a_command_has_its_time_from_when_the_file_has_come(service: CommandService, anna: Person) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + service.settings.command_deadline_seconds * 1.1

    async def takes_longer() -> AsyncIterator[bytes]:
        while loop.time() < until:
            yield bytes(BYTES_PER_SECOND)
            await asyncio.sleep(SHORT_SECONDS / 10)

    assert (await upload(anna, takes_longer())).status == 201


async def test_whoever_hangs_up_in_the_middle_leaves_nothing(service: CommandService, anna: Person) -> None:
    before = len(contents(service))
    async with aiohttp.ClientSession(service.url) as client:
        _, writer = await connected_to(client)
        head = f"POST /v1/files?name=a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {anna.token}\r\n"
        writer.write(f"{head}Content-Length: {LIMIT}\r\n\r\n".encode() + bytes(LIMIT // 2))
        await writer.drain()
        await eventually(lambda: coming(service) == 1)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    await eventually(lambda: coming(service) == 0)

    assert len(contents(service)) == before
    await eventually(lambda: both_are_taken(anna))  # it is no longer counted as one that comes


async def both_are_taken(person: Person) -> bool:
    return [each.status for each in await asyncio.gather(*(upload(person) for _ in range(2)))] == [201, 201]


async def trickles(enough: asyncio.Event) -> AsyncIterator[bytes]:
    """A file that comes at its pace until there is enough of it."""
    while not enough.is_set():
        yield bytes(BYTES_PER_SECOND)
        await asyncio.sleep(SHORT_SECONDS / 10)


@asynccontextmanager
async def uploading(service: CommandService, *people: Person) -> AsyncIterator[None]:
    """A file of each of them is coming; all are taken afterwards."""
    enough = asyncio.Event()
    tasks = [asyncio.create_task(upload(each, trickles(enough))) for each in people]
    try:
        await eventually(lambda: coming(service) == len(people))
        yield
    finally:
        enough.set()
        answers = await asyncio.gather(*tasks)
    assert [each.status for each in answers] == [201] * len(people)


async def test_so_many_come_at_once_from_one_user_and_no_more(service: CommandService, anna: Person) -> None:
    async with uploading(service, anna, anna):
        refused = await upload(anna)

    assert (refused.status, refused.headers["Retry-After"], refused.headers["RateLimit"]) == (429, "1", '"uploads";r=0')
    assert (await upload(anna)).status == 201


async def test_so_many_come_at_once_from_all_and_whoever_comes_next_is_told_to_wait(service: CommandService) -> None:
    anna, ben, cy = await people(service, 3)
    async with uploading(service, anna, anna):
        taken = await upload(ben)
    async with uploading(service, anna, anna, ben):
        before = len(contents(service))
        refused = await upload(cy)
        assert len(contents(service)) == before

    assert taken.status == 201
    assert (told(refused), refused.headers["Retry-After"]) == ((503, "unavailable"), "1")
    assert (await upload(cy)).status == 201
