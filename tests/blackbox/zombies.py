"""A writer that stands still just before an append until another one serves, and sends it when it goes on."""

import asyncio
import time

from deploy.embedded.service import EmbeddedService
from tests.blackbox.history import History
from tests.blackbox.stack import Stack, freeze, thaw
from tests.blackbox.standing_still import BEFORE_APPEND

ATTEMPTS = 5
REFUSED_WITHIN_SECONDS = 5.0


async def make_zombie(stack: Stack, history: History, writer: EmbeddedService, other: EmbeddedService) -> float:
    """Gives how many of its appends the broker refused then.

    Sometimes its client finds another request overdue when it goes on, and ends the connection before the append is on
    its way: then it is the other one's turn.
    """
    for _ in range(ATTEMPTS):
        refused_before, began = await _refused(stack, writer), time.monotonic()
        await freeze(stack, writer, BEFORE_APPEND)
        try:
            await stack.serves_all(other)
        finally:
            thaw(writer)
            history.frozen.append((writer.url, began, time.monotonic()))
        if refused := await _refused_more(stack, writer, refused_before):
            return refused
        writer, other = other, writer
    return 0.0


async def _refused_more(stack: Stack, writer: EmbeddedService, before: float) -> float:
    until = time.monotonic() + REFUSED_WITHIN_SECONDS
    while True:
        refused = await _refused(stack, writer) - before
        if refused or time.monotonic() > until:
            return refused
        await asyncio.sleep(0.1)


async def _refused(stack: Stack, writer: EmbeddedService) -> float:
    return await stack.metric(writer, "verbatim_fenced_appends_total")
