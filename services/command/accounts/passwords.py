"""Hashes and compares passwords with argon2id, in a few threads: it is slow on purpose, and the loop must go on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.web.problems import Unavailable

THREADS = 2
WAITING_LIMIT = 64
# OWASP's smallest recommendation: about 20 ms of one core.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
T = TypeVar("T")


class Passwords:
    """At most a few are hashed at once, and a bounded number waits: beyond it, Unavailable is raised."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobodys = HASHER.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        return await self._run(lambda: HASHER.hash(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether it is the password of the hash. Without one, no; it takes the same time."""
        return await self._run(lambda: _verified(kept or self._nobodys, password) and kept is not None)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_LIMIT:
            raise Unavailable("too many people are logging in at this moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _verified(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
