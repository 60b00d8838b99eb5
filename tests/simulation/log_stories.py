"""Stories of the log: what is appended comes late or twice, nobody knows whether it came, or it is lost afterwards."""

import asyncio
import json

from aiokafka.structs import TopicPartition

from tests.simulation.boards import COMMANDS, board_id, questions_to
from tests.simulation.brokers import APPEND
from tests.simulation.net import Weather
from tests.simulation.people import Wish, ask_all, put
from tests.simulation.telling import SOON, change, change_leader, do, let_arrive, server, somewhere, until, until_lost
from tests.simulation.town import Town

CHANGES = 2
NOBODYS_CLAIM = "999999-9"
IN_FAIR_WEATHER = 0.7


async def a_succession(town: Town, wishes: list[Wish]) -> None:
    """Somebody stands still until another serves and has written; when it goes on, it is asked what it knows."""
    if town.chance.random() < IN_FAIR_WEATHER:
        town.net.clear_up()
    kind, partition = somewhere(town)
    name = await server(town, partition)
    await ask_all(town, partition, name, questions_to(kind))
    town.stand_still(name)
    town.net.leases_forgotten = 1.0
    other = await server(town, partition, other_than=name)
    for _ in range(CHANGES):
        await change(town, wishes, kind, other)
    town.go_on(name)
    await ask_all(town, partition, name, questions_to(kind))


async def errors_that_say_nothing(town: Town, wishes: list[Wish]) -> None:
    """The brokers answer again and again that they did not do what they did, or say nothing about a partition."""
    town.net.clear_up()
    town.net.kafka = Weather(refused=0.2)
    while True:
        kind, partition = somewhere(town)
        await change(town, wishes, kind, await server(town, partition))


async def an_append_that_comes_late(town: Town, wishes: list[Wish]) -> None:
    """Somebody's group arrives when another serves and has written, at a broker that fences nobody."""
    town.net.clear_up()
    town.brokers.fence_fails = True
    kind, partition = somewhere(town)
    name = await server(town, partition)
    late = town.net.hold_up(APPEND)
    asking = asyncio.create_task(change(town, wishes, kind, name))
    await until(lambda: bool(late))
    town.net.let_pass(APPEND)
    town.net.leases_forgotten = 1.0
    other = await server(town, partition, other_than=name)
    await change(town, wishes, kind, other)
    let_arrive(late)
    await asking
    await change(town, wishes, kind, other)


async def an_answer_that_says_nothing(town: Town, wishes: list[Wish]) -> None:
    """Somebody's append goes to a broker that leads no more. Before he has claimed anew, another refuses the same
    command, which would be possible again soon after."""
    town.net.clear_up()
    kind, partition = somewhere(town)
    pin, take_off, *_ = COMMANDS[kind]
    board = board_id(kind, 0)
    name = await server(town, partition)
    await do(town, wishes, name, pin(board, "eggs", "buy"))
    change_leader(town, partition)
    town.net.leases_forgotten = 1.0
    other = await server(town, partition, other_than=name)
    wish = Wish(take_off(board, "eggs"), "eggs")
    first = asyncio.create_task(put(town, partition, name, wish))
    await asyncio.sleep(SOON)
    await do(town, wishes, other, take_off(board, "eggs"))
    await put(town, partition, other, wish)
    await do(town, wishes, other, pin(board, "eggs", "buy again"))
    await first


async def a_log_that_goes_back(town: Town, wishes: list[Wish]) -> None:
    """A log loses records that the decision store was made from, and may have others in their place: while somebody
    serves it, while he takes it over from himself, or when he has crashed."""
    town.net.clear_up()
    town.brokers.fence_fails = False
    for each in town.partitions.values():
        town.brokers.log(each).forgetful = False
    chance = town.chance
    kind, partition = somewhere(town)
    name = await server(town, partition)
    for _ in range(chance.choice((1, 4))):
        await change(town, wishes, kind, name)
    await until(lambda: town.stored_all(partition))
    drawn = chance.random()
    if drawn < 0.5:
        change_leader(town, partition)
        asking = asyncio.create_task(change(town, wishes, kind, name))
        await until_lost(town, partition, name)
        await asyncio.sleep(chance.choice((0.05, 0.2)) * chance.random())
        _lose_records(town, partition)
        await asking
    else:
        if drawn < 0.7:
            town.crash(name)
        _lose_records(town, partition)
    while True:
        await change(town, wishes, kind, await server(town, partition))


def _lose_records(town: Town, partition: TopicPartition) -> None:
    records = town.brokers.log(partition).records
    length = town.chance.randrange(town.database.partition(partition).next_offset)
    lost = [json.loads(each.value) for each in records[length:]]
    others = [json.dumps({**each, "claim": NOBODYS_CLAIM}).encode() for each in lost if "claim" in each]
    town.lose_records(partition, length, others * town.chance.choice((0, 0, 1, 5)))
