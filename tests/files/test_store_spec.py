"""What both stores of contents promise: whole or not at all, once, by its SHA-256, and no answer that is not so."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from services.command.files.bucket import bucket_store_of
from services.command.files.contents import ContentIsMissingError, ContentStore
from services.command.files.gathering import gathered
from shared.settings import Settings
from shared.web.downloads import Span
from shared.web.problems import Unavailable
from tests.files.conftest import Stored, away

PART = 5_242_880
LARGE = 2 * PART + 1
BLOCKS, BLOCK = 11, 1_000_000
OF_A_BUCKET = ("bucket", "bucket_endpoint", "bucket_region", "bucket_key_id", "bucket_secret")


async def pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def put(store: ContentStore, content: bytes) -> str:
    async with gathered(pieces(content), store.incoming) as whole:
        await store.put(whole)
        return whole.sha256


async def read(store: ContentStore, name: str, span: Span) -> bytes:
    content = await store.open(name, span)
    try:
        found = b""
        while chunk := await content.read():
            found += chunk
        return found
    finally:
        await content.close()


@pytest.mark.parametrize("size", [0, 1, 65_536, LARGE])
async def test_what_is_put_is_read_as_it_was_under_its_sha256(stored: Stored, size: int) -> None:
    content = random.Random(size).randbytes(size)
    name = await put(stored.store, content)

    assert name == sha256(content).hexdigest()
    assert await read(stored.store, name, Span(0, size)) == content
    assert name in await stored.held()


@pytest.mark.parametrize("span", [Span(0, 1), Span(5, 70_000), Span(70_000, LARGE), Span(LARGE - 1, LARGE)])
async def test_any_part_can_be_read_by_itself(stored: Stored, span: Span) -> None:
    content = random.Random(1).randbytes(LARGE)
    name = await put(stored.store, content)

    assert await read(stored.store, name, span) == content[span.start : span.end]


async def test_the_same_content_twice_is_kept_once(stored: Stored) -> None:
    content = uuid4().bytes
    names = [await put(stored.store, content) for _ in range(2)]
    names += await asyncio.gather(*(put(stored.store, content) for _ in range(4)))

    assert set(names) == {sha256(content).hexdigest()}
    assert (await stored.held()).count(names[0]) == 1


async def test_it_may_be_put_again_while_it_is_read(stored: Stored) -> None:
    content = random.Random(2).randbytes(1_000_000)
    name = await put(stored.store, content)
    reading = await stored.store.open(name, Span(0, len(content)))
    found = await reading.read()
    await put(stored.store, content)
    while chunk := await reading.read():
        found += chunk
    await reading.close()

    assert found == content


async def test_whoever_reads_while_it_is_put_sees_all_of_it_or_none(stored: Stored) -> None:
    seen = set[str]()
    for seed in range(5):
        content = bytes([seed]) * (BLOCK * BLOCKS)
        name, last = sha256(content).hexdigest(), Span(len(content) - 1, len(content))
        putting = asyncio.create_task(put(stored.store, content))
        while not putting.done():
            try:
                seen.add("whole" if await read(stored.store, name, last) == content[-1:] else "broken")
            except ContentIsMissingError:
                seen.add("missing")
        assert await putting == name

    assert seen - {"whole"} == {"missing"}


@pytest.mark.servers
async def test_a_bucket_that_there_is_not_is_away(bucket_settings: Settings) -> None:
    nowhere = bucket_store_of(replace(bucket_settings, files_bucket="there-is-no-such-bucket"))

    with pytest.raises(Unavailable):
        await nowhere.open(sha256(b"").hexdigest(), Span(0, 1))


async def test_what_was_gathered_and_not_put_is_gone(stored: Stored) -> None:
    async with gathered(pieces(uuid4().bytes), stored.store.incoming) as whole:
        assert whole.path.exists()
        name = whole.sha256

    assert not list(stored.store.incoming.iterdir())
    with pytest.raises(ContentIsMissingError):
        await stored.store.open(name, Span(0, 16))


async def test_what_there_is_not_is_missing_and_no_fault_of_the_store(stored: Stored) -> None:
    for span in (Span(0, 10), Span(0, 0)):
        with pytest.raises(ContentIsMissingError):
            await stored.store.open(sha256(uuid4().bytes).hexdigest(), span)


async def test_while_the_store_is_away_nothing_is_taken_for_missing(stored: Stored, tmp_path: Path) -> None:
    gone, name = away(stored.settings, tmp_path), await put(stored.store, b"there")

    with pytest.raises(Unavailable) as opening:
        await gone.open(name, Span(0, 5))
    with pytest.raises(Unavailable) as putting:
        await put(gone, b"there")
    assert {each.value.headers["Retry-After"] for each in (opening, putting)} == {"5"}
    assert await read(stored.store, name, Span(0, 5)) == b"there"


KILLED = """
import asyncio, sys
from dataclasses import replace
from pathlib import Path
from services.command.files.gathering import gathered
from services.command.files.receiving import receiving_of
from shared.settings import Settings

async def content(seed):
    for _ in range({blocks}):
        yield bytes([seed]) * {block}

async def main():
    store = receiving_of(replace(Settings(), **{settings!r}, files_directory=Path({folder!r}))).contents
    for seed in range(256):
        async with gathered(content(seed), store.incoming) as whole:
            print(seed, flush=True)
            await store.put(whole)

asyncio.run(main())
"""


async def test_a_process_that_is_killed_leaves_each_content_whole_or_not_at_all(stored: Stored) -> None:
    bucket = {f"files_{each}": getattr(stored.settings, f"files_{each}") for each in OF_A_BUCKET}
    program = KILLED.format(blocks=BLOCKS, block=BLOCK, settings=bucket, folder=str(stored.settings.files_directory))
    began = 0
    for round_ in range(4):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(round_ + 1):
            began = max(began, int(await asyncio.wait_for(process.stdout.readline(), 60)))
        process.kill()
        await process.wait()

    states = [await state_of(stored.store, seed) for seed in range(began + 1)]

    assert states[0] == "whole"  # what was put before the next was begun
    assert set(states) <= {"whole", "missing"}


async def state_of(store: ContentStore, seed: int) -> str:
    content = bytes([seed]) * (BLOCK * BLOCKS)
    try:
        found = await read(store, sha256(content).hexdigest(), Span(0, len(content)))
    except ContentIsMissingError:
        return "missing"
    return "whole" if found == content else "broken"
