"""Faults 22, 24: what was asked once is asked again, or in the very moment in which something ends."""

import asyncio
import random
import time
from dataclasses import replace

from tests.blackbox.history import ACCEPTED, OTHER_CONTENT, Member, Try, Wish
from tests.blackbox.stories import key_of
from tests.blackbox.wishes import send, set_status
from tests.chaos.biting import Bite, Fault
from tests.chaos.planning import Kind, Planned
from tests.chaos.square import Square, comes_true

AT_ONCE = 50
PEOPLE = 10
SHORT_SECONDS = 3
RECENT = 500


async def replayed(square: Square, planned: Planned) -> Bite:
    """A key of a message in a room: fifty times at once, with another content, and by somebody else who is in it."""
    chance, load = random.Random(planned.seed), square.load
    await comes_true(lambda: bool(_said_lately(square)))
    wish = load.history.wishes[chance.choice(_said_lately(square)).wish]
    sender = next(each for each in load.members if each.user_id == wish.actor)
    began, url = len(load.history.tries), (await square.writer()).url
    await asyncio.gather(*(load.settle(wish, sender.token, chance, url) for _ in range(AT_ONCE)))
    changed = replace(wish, kind=OTHER_CONTENT, body=wish.body | {"content": "something else"})
    await load.settle(changed, sender.token, chance, url)
    same_room = [each for each in load.members if each.conversation_id == sender.conversation_id and each != sender]
    other = chance.choice(same_room)
    await load.settle(send(other, wish.key), other.token, chance, url)
    repeats = sum(each.wish == wish.name and each.outcome == ACCEPTED for each in load.history.tries[began:])
    return Bite(repeats, "repeats were answered; another content under the key, and somebody else with it, as well")


def _said_lately(square: Square) -> list[Try]:
    wishes, tries = square.load.history.wishes, square.load.history.tries
    rooms = {each.user_id: each.conversation_id for each in square.load.members}

    def is_said(wish: Wish) -> bool:
        return wish.kind == "sent" and wish.stream == rooms.get(wish.actor)

    return [each for each in tries[-RECENT:] if each.outcome == ACCEPTED and is_said(wishes[each.wish])]


async def expiry_missed(square: Square, planned: Planned) -> Bite:
    """Statuses end while no process is there to see it."""
    chance, url = random.Random(planned.seed), (await square.writer()).url
    await _set_statuses(square, chance, SHORT_SECONDS, url)
    set_at = time.monotonic()
    for service in square.commands:
        service.child.kill()
    dead_at = time.monotonic()
    await asyncio.sleep(max(0.0, set_at + SHORT_SECONDS + 0.2 - dead_at))
    missed = PEOPLE if dead_at < set_at + SHORT_SECONDS else 0
    for service in square.commands:
        await square.stack.start_standby(service)
    return Bite(missed, "statuses ended while both command services were dead")


async def expiry_raced(square: Square, planned: Planned) -> Bite:
    """Statuses are set anew within the instant in which the ones before them end."""
    chance, writer = random.Random(planned.seed), await square.writer()

    async def race(member: Member) -> bool:
        sent = time.monotonic()
        await square.load.settle(set_status(member, key_of(chance), 1), member.token, chance, writer.url)
        answered = time.monotonic()
        await asyncio.sleep(max(0.0, chance.uniform(sent, answered) + 1.0 - time.monotonic()))
        in_time = time.monotonic() < answered + 1.0 + 0.05
        await square.load.settle(set_status(member, key_of(chance), None), member.token, chance, writer.url)
        return in_time

    races = await asyncio.gather(*(race(each) for each in chance.sample(square.load.members, PEOPLE)))
    return Bite(sum(races), "statuses were set within the instant in which another one ended, or 50 ms later")


async def _set_statuses(square: Square, chance: random.Random, seconds: int, url: str) -> None:
    people = chance.sample(square.load.members, PEOPLE)
    load = square.load
    await asyncio.gather(
        *(load.settle(set_status(each, key_of(chance), seconds), each.token, chance, url) for each in people)
    )


REPEATING: dict[Kind, Fault] = {
    Kind.REPLAYED: replayed,
    Kind.EXPIRY_MISSED: expiry_missed,
    Kind.EXPIRY_RACED: expiry_raced,
}
