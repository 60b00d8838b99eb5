"""Passwords are hashed few at a time; a bounded number waits."""

import asyncio
from collections.abc import Iterator

import pytest

from services.command.accounts.passwords import WAITING_LIMIT, Passwords
from shared.web.problems import Unavailable

PASSWORD = "Correct1horse"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    found = Passwords()
    yield found
    found.close()


async def test_so_many_wait_and_whoever_comes_next_is_told_to_come_again(passwords: Passwords) -> None:
    waiting = [asyncio.create_task(passwords.hash(PASSWORD)) for _ in range(WAITING_LIMIT)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await passwords.matches(None, PASSWORD)

    kept = await asyncio.gather(*waiting)
    assert len(set(kept)) == WAITING_LIMIT
    assert await passwords.matches(kept[-1], PASSWORD)
    assert not await passwords.matches(kept[-1], f"{PASSWORD}!")
