"""Activities that follow together: when one ends all end, and what it raised is what is told."""

import asyncio
import gc
from typing import Any

import pytest

from services.projector.following import first_to_end


async def fail() -> None:
    raise ConnectionError("the first")


async def fail_when_ended() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        raise ValueError("because it was ended")


async def test_what_the_first_raised_is_raised_and_what_the_others_raise_at_their_end_is_no_trouble() -> None:
    troubles: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, trouble: troubles.append(trouble))

    with pytest.raises(ConnectionError, match="the first"):
        await first_to_end(fail(), fail_when_ended(), fail_when_ended())

    gc.collect()
    assert troubles == []


async def test_who_ends_them_waits_until_all_have_ended() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def end_slowly() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            ended.set()

    together = asyncio.create_task(first_to_end(end_slowly(), fail_when_ended()))
    await asyncio.wait_for(begun.wait(), 1.0)
    together.cancel()
    with pytest.raises(asyncio.CancelledError):
        await together
    assert ended.is_set()
