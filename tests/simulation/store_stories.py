"""Stories of the decision store: what it is asked and told comes late, and it loses what it was told."""

import asyncio
from operator import itemgetter

from tests.simulation.boards import COMMANDS, NAMES, board_id, questions_to
from tests.simulation.people import Wish, ask_all
from tests.simulation.store import FENCE, FETCH, FLUSH
from tests.simulation.telling import (
    change,
    change_leader,
    crash_the_database,
    do,
    let_arrive,
    server,
    somewhere,
    until,
    until_claimed,
    until_lost,
)
from tests.simulation.town import Town

LATER = 0.01


async def a_question_that_takes_long(town: Town, wishes: list[Wish]) -> None:
    """What somebody knows when he asks the database is flushed, and forgotten, before he has the answer."""
    town.net.clear_up()
    kind, partition = somewhere(town)
    pin, take_off, read, _ = COMMANDS[kind]
    board, other_board = board_id(kind, 0), board_id(kind, 1)
    name = await server(town, partition)
    flushes = town.net.hold_up(FLUSH)
    for note in (*NAMES, "eggs"):
        await do(town, wishes, name, pin(board, note, f"{note} before"))
    questions = town.net.hold_up(FETCH)
    both = read(other_board, NAMES[0]), take_off(board, NAMES[0])
    asking = [asyncio.create_task(do(town, wishes, name, each)) for each in both]
    await until(lambda: bool(questions))
    town.net.let_pass(FLUSH)
    let_arrive(flushes)
    await until(lambda: town.stored_all(partition))
    await asyncio.sleep(LATER)
    town.net.let_pass(FETCH)
    let_arrive(questions)
    await asyncio.gather(*asking)


async def a_flush_that_takes_long(town: Town, wishes: list[Wish]) -> None:
    """Somebody's flush arrives when more has changed; or so late that it was given up, and all is flushed already."""
    town.net.clear_up()
    kind, partition = somewhere(town)
    pin, *_ = COMMANDS[kind]
    board = board_id(kind, 0)
    name = await server(town, partition)
    late = town.net.hold_up(FLUSH)
    await do(town, wishes, name, pin(board, "eggs", "before"))
    await until(lambda: bool(late))
    town.net.let_pass(FLUSH)
    for note in (*NAMES, "eggs"):
        await do(town, wishes, name, pin(board, note, "after"))
    if town.chance.random() < 0.5:
        await until(lambda: town.stored_all(partition))
    let_arrive(late)


async def a_store_that_goes_back(town: Town, wishes: list[Wish]) -> None:
    """The database loses what was flushed, again and again: before somebody asks it for what is forgotten, and while
    somebody takes over from himself, because an append went to a broker that leads no more."""
    town.net.clear_up()
    chance = town.chance
    while True:
        kind, partition = somewhere(town)
        name = await server(town, partition)
        for _ in range(chance.choice((1, 2, 3))):
            await change(town, wishes, kind, name)
            await asyncio.sleep(chance.choice((0.0, 0.1, 0.3)) * chance.random())
        if chance.random() < 0.5:
            change_leader(town, partition)
            asking = asyncio.create_task(change(town, wishes, kind, name))
            await until_lost(town, partition, name)
            await asyncio.sleep(chance.choice((0.05, 0.2)) * chance.random())
            crash_the_database(town, itemgetter(0))
            await asking
        else:
            crash_the_database(town, chance.choice)
        await ask_all(town, partition, name, questions_to(kind))


async def a_flush_that_comes_late(town: Town, wishes: list[Wish]) -> None:
    """Somebody's flush arrives while his successor follows the log that it is from, between two of its questions."""
    town.net.clear_up()
    kind, partition = somewhere(town)
    name = await server(town, partition)
    late = town.net.hold_up(FLUSH)
    pin, *_ = COMMANDS[kind]
    await asyncio.gather(*(do(town, wishes, name, pin(board_id(kind, 0), note, "late", copies=3)) for note in NAMES))
    await until(lambda: bool(late))
    town.crash(name)
    town.net.leases_forgotten = 1.0
    await until_claimed(town, partition)
    questions = town.net.hold_up(FETCH)
    for arriving in ([], late):
        await until(lambda: bool(questions))
        let_arrive(arriving)
        questions.pop(0)()
    town.net.let_pass(FLUSH)
    town.net.let_pass(FETCH)
    let_arrive(questions)


async def a_store_that_goes_back_beneath_a_successor(town: Town, wishes: list[Wish]) -> None:
    """The database loses what somebody flushed while he follows the log that his predecessor left."""
    town.net.clear_up()
    kind, partition = somewhere(town)
    name = await server(town, partition)
    town.net.hold_up(FLUSH)
    for _ in range(6):
        await change(town, wishes, kind, name)
    town.crash(name)
    town.net.let_pass(FLUSH)
    town.net.leases_forgotten = 1.0
    await until_claimed(town, partition)
    questions = town.net.hold_up(FETCH)
    while not town.serving(partition):
        await until(lambda: bool(questions) or bool(town.serving(partition)))
        crash_the_database(town, itemgetter(0))
        let_arrive(questions)
    town.net.let_pass(FETCH)


async def a_fence_that_comes_late(town: Town, wishes: list[Wish]) -> None:
    """Somebody stands still after his claim, before the database knows of it, until another serves and has written.
    When he goes on, he is asked what he knows."""
    town.net.clear_up()
    kind, partition = somewhere(town)
    late = town.net.hold_up(FENCE)
    await until(lambda: bool(late))
    name = town.database.tables.leases[partition].instance
    town.stand_still(name)
    town.net.let_pass(FENCE)
    town.net.leases_forgotten = 1.0
    other = await server(town, partition, other_than=name)
    town.net.leases_forgotten = 0.0
    await change(town, wishes, kind, other)
    let_arrive(late)
    town.go_on(name)
    await server(town, partition, other_than=other)
    await ask_all(town, partition, name, questions_to(kind))
