"""Gathers what comes into a file of its own: however much it is, some hundred kilobytes of it are in memory."""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from services.command.files.contents import Gathered, T, in_a_thread, within_reach

BLOCK_BYTES = 262_144
HEAD_BYTES = 8_192
ABANDONED_SECONDS = 86_400


@asynccontextmanager
async def gathered(chunks: AsyncIterator[bytes], folder: Path) -> AsyncIterator[Gathered]:
    """All of the chunks as a file in the folder, on the disk for good; afterwards it is gone, unless it was moved.

    Raises Unavailable when the folder cannot be used, and whatever the chunks raise.
    """
    path = folder / uuid4().hex
    file = await _gathering(partial(_create, path))
    hashed, size, head = sha256(), 0, b""

    def add(block: bytes) -> None:
        hashed.update(block)
        file.write(block)

    try:
        async for block in _blocks(chunks):
            size, head = size + len(block), head or block[:HEAD_BYTES]
            await _gathering(partial(add, block))
        await _gathering(partial(_finish, file))
        yield Gathered(path, size, hashed.hexdigest(), head)
    finally:
        _discard(file, path)


def remove_abandoned(folder: Path) -> None:
    """Removes what processes that are long gone had gathered; what cannot be removed stays."""
    before = time.time() - ABANDONED_SECONDS
    for path in folder.glob("*"):
        with suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()


async def _blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in fewer pieces: each costs a change of threads."""
    block = bytearray()
    async for chunk in chunks:
        block += chunk
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


async def _gathering(work: Callable[[], T]) -> T:
    async with within_reach("gathering"):
        return await in_a_thread(work)


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _finish(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _discard(file: BinaryIO, path: Path) -> None:
    with suppress(OSError):  # what could not be written has been said
        file.close()
    with suppress(OSError):
        path.unlink(missing_ok=True)
