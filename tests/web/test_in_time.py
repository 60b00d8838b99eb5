"""What an answer depends on is waited for until the deadline, and not a moment longer for what does not want to end."""

import asyncio

import pytest

from services.command.asking import in_time
from shared.web.problems import Unavailable


async def at_once() -> str:
    return "found"


async def fails() -> str:
    raise LookupError


async def never(ended: asyncio.Event, may_end: asyncio.Event) -> str:
    """Waits for what never comes; told to end, it goes on until it may."""
    try:
        await asyncio.Event().wait()
    finally:
        await may_end.wait()
        ended.set()
    return ""


def soon() -> float:
    return asyncio.get_running_loop().time() + 0.01


async def test_what_is_found_in_time_is_given() -> None:
    assert await in_time(at_once(), soon()) == "found"


async def test_without_a_deadline_it_is_waited_for() -> None:
    assert await in_time(at_once(), None) == "found"


async def test_what_goes_wrong_in_time_is_raised() -> None:
    with pytest.raises(LookupError):
        await in_time(fails(), soon())


async def test_the_answer_does_not_wait_for_the_end_of_what_is_given_up() -> None:
    ended, may_end = asyncio.Event(), asyncio.Event()

    with pytest.raises(Unavailable):
        await in_time(never(ended, may_end), soon())

    assert not ended.is_set()
    may_end.set()
    async with asyncio.timeout(5):
        await ended.wait()


async def test_whoever_is_told_to_end_gives_the_work_up() -> None:
    ended, may_end = asyncio.Event(), asyncio.Event()
    waiting = asyncio.create_task(in_time(never(ended, may_end), None))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    waiting.cancel()
    may_end.set()

    async with asyncio.timeout(5):
        await ended.wait()
    assert waiting.cancelled()
