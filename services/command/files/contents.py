"""What every store of contents promises, and how one says that it cannot be used."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from prometheus_client import Counter

from shared.web.downloads import Content, Span
from shared.web.problems import Unavailable

CHUNK_BYTES = 65_536
STORE_SECONDS = 20.0
RETRY_SECONDS = 5
THREADS = 32
T = TypeVar("T")
FAILURES = Counter("verbatim_file_store_failures", "Uses of the store of files that failed", ["doing"])
log = structlog.get_logger()
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")


@dataclass(frozen=True, slots=True)
class Gathered:
    """A content that has come whole, on the disk: `head` is how it begins, `sha256` hexadecimal, `size` in bytes."""

    path: Path
    size: int
    sha256: str
    head: bytes


class ContentIsMissingError(LookupError):
    """The store has no content under a SHA-256 that was recorded: it lost it, or is not the one that was used."""


class ContentStore(Protocol):
    """Keeps contents, each once and under its SHA-256, and never anything that is not whole.

    `incoming` is the folder in which they are gathered.
    """

    @property
    def incoming(self) -> Path: ...

    async def put(self, gathered: Gathered) -> None:
        """Keeps a content; when this returns it outlives a crash. It may be there already, and the file may be moved.

        Raises Unavailable; the content may then be there all the same.
        """

    async def open(self, sha256: str, span: Span) -> Content:
        """A part of a content, which must have the span. Reading it may raise Unavailable.

        Raises ContentIsMissingError or Unavailable.
        """


@asynccontextmanager
async def within_reach(doing: str, *faults: type[Exception]) -> AsyncIterator[None]:
    """For use of a store: what takes too long, and what the store raises when it is away, becomes Unavailable."""
    caught: tuple[type[Exception], ...] = (OSError, *faults)  # TimeoutError is one of the former
    try:
        async with asyncio.timeout(STORE_SECONDS):
            yield
    except caught as error:
        FAILURES.labels(doing).inc()
        log.warning("the store of files failed", doing=doing, error=str(error).partition("\n")[0] or repr(error))
        raise Unavailable("the store of files cannot be used right now", retry_after_seconds=RETRY_SECONDS) from error


async def in_a_thread(work: Callable[[], T]) -> T:
    """What waits for a disk, in a thread that nothing else asks for.

    While a disk says nothing, asyncio's own threads are there for others, such as the look-up of a host's address.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
