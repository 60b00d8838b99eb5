"""Sends an archive: people first, then rooms side by side, each in its own order, asking again what was not settled."""

import asyncio
import time
from collections.abc import Iterable, Sequence

from services.operator.importing.archives import Archive
from services.operator.importing.lines import BATCH_ITEMS, Line, batches, people_lines, room_lines
from services.operator.importing.posting import NotNowError, Post
from services.operator.importing.tally import Tally

POSTS_AT_ONCE = 4  # so that a large group and the next ones fit into the service's time limits
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
PATIENCE_SECONDS = 120.0


class GaveUpError(Exception):
    """Nothing was settled for a long time. What was settled stays; importing again goes on from there."""


async def send(archive: Archive, post: Post, tally: Tally, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Sends the whole archive and counts what becomes of each thing in it.

    Raises RejectedError when the service refuses to be asked, GaveUpError when it settled nothing for
    `patience_seconds`.
    """
    sender = _Sender(post, tally, patience_seconds)
    await _side_by_side(sender, ([batch] for batch in batches(people_lines(archive))))
    largest_first = sorted(archive.rooms, key=lambda room: -room.messages)
    items = BATCH_ITEMS * POSTS_AT_ONCE // max(1, min(POSTS_AT_ONCE, len(largest_first)))  # few rooms, larger posts
    await _side_by_side(sender, (batches(room_lines(archive, room), items) for room in largest_first))


async def _side_by_side(sender: "_Sender", each: Iterable[Iterable[Sequence[Line]]]) -> None:
    waiting = iter(each)

    async def one_after_another() -> None:
        for ordered in waiting:
            await sender.send(ordered)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(POSTS_AT_ONCE):
                group.create_task(one_after_another())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


class _Sender:
    def __init__(self, post: Post, tally: Tally, patience_seconds: float) -> None:
        self._post = post
        self._tally = tally
        self._patience_seconds = patience_seconds

    async def send(self, ordered: Iterable[Sequence[Line]]) -> None:
        """Sends batches one after another: the next one only when everything before it is settled."""
        for batch in ordered:
            await self._settle(list(batch))

    async def _settle(self, waiting: list[Line]) -> None:
        """Asks until every line is settled; fewer at once while nothing is: a slow service may not manage them all."""
        at_once = len(waiting)
        pause = FIRST_PAUSE_SECONDS
        patient_until = time.monotonic() + self._patience_seconds
        while waiting:
            asked, later = waiting[:at_once], waiting[at_once:]
            left, why = await self._ask(asked)
            self._tally.trouble = why if len(left) == len(asked) else ""
            if len(left) < len(asked):
                at_once *= 2
                pause, patient_until = FIRST_PAUSE_SECONDS, time.monotonic() + self._patience_seconds
            else:
                at_once = max(1, len(asked) // 2)
            if left:
                self._tally.asked_again += len(left)
                await self._be_patient(pause, patient_until, why)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            waiting = left + later

    async def _be_patient(self, pause: float, until: float, why: str) -> None:
        if time.monotonic() > until:
            raise GaveUpError(f"nothing was settled for {self._patience_seconds:.0f} s: {why}")
        await asyncio.sleep(pause)

    async def _ask(self, lines: list[Line]) -> tuple[list[Line], str]:
        """Posts lines; gives those that must be asked again, in their order, and why."""
        try:
            answers = await self._post(lines)
        except NotNowError as error:
            return lines, str(error)
        left = []
        why = ""
        for line, answer in zip(lines, answers, strict=True):
            if answer.settled:
                self._tally.settle(line, answer)
            else:
                left.append(line)
                why = why or answer.reason or answer.outcome
        return left, why
