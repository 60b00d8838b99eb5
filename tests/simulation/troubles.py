"""The kinds of trouble of a simulation: any mixture of faults, and the stories that chance alone would seldom tell.

Each is told until it is cancelled, or has come to its end. A story is told in fair weather, once or again and again,
while people live their lives beside it; what is changed in it on the boards is a wish like theirs.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from operator import itemgetter
from random import Random

from aiokafka.structs import TopicPartition

from shared.identifiers import StreamKind
from tests.simulation.boards import COMMANDS, NAMES, board_id, questions_to, some_change
from tests.simulation.brokers import APPEND, NODES
from tests.simulation.net import Weather
from tests.simulation.people import Wish, ask_all, put
from tests.simulation.store import FENCE, FETCH, FLUSH, Tables
from tests.simulation.town import Town
from tests.writing.notes import OfBoard

CHANGES = 2
SOON, LATER = 0.002, 0.01
A_STORY = 0.5
NOBODYS_CLAIM = "999999-9"
IN_FAIR_WEATHER = 0.7
Trouble = Callable[[Town, list[Wish]], Coroutine[None, None, None]]


async def faults_of_all_kinds(town: Town, _: list[Wish]) -> None:
    """Processes stand still, crash, stop and start; leaders change and forget; the database crashes."""
    chance = town.chance
    often = chance.choice((0.2, 0.5, 2.0))
    while True:
        await asyncio.sleep(chance.expovariate(1 / often))
        await _one_fault(town, chance)


async def _one_fault(town: Town, chance: Random) -> None:
    name = chance.choice(town.names)
    drawn = chance.random()
    if name not in town.processes:
        town.start(name)
    elif drawn < 0.5:
        if not town.processes[name].running.stands_still:
            town.stand_still(name)
            asyncio.get_running_loop().call_later(chance.choice((0.02, 0.3, 3.0)) * chance.random(), town.go_on, name)
    elif drawn < 0.65:
        town.crash(name)
    elif drawn < 0.75 and not town.processes[name].running.stands_still:
        await town.stop(name)
    elif drawn < 0.85:
        town.brokers.log(chance.choice(list(town.partitions.values()))).leader = chance.choice(NODES)
    elif drawn < 0.9:
        town.brokers.log(chance.choice(list(town.partitions.values()))).producers.clear()
        town.tell("a leader forgets its producers")
    else:
        _crash_the_database(town, chance.choice)


async def a_succession(town: Town, wishes: list[Wish]) -> None:
    """Somebody stands still until another serves and has written; when it goes on, it is asked what it knows."""
    if town.chance.random() < IN_FAIR_WEATHER:
        town.net.clear_up()
    kind, partition = _somewhere(town)
    name = await _server(town, partition)
    await ask_all(town, partition, name, questions_to(kind))
    town.stand_still(name)
    town.net.leases_forgotten = 1.0
    other = await _server(town, partition, other_than=name)
    for _ in range(CHANGES):
        await _change(town, wishes, kind, other)
    town.go_on(name)
    await ask_all(town, partition, name, questions_to(kind))


async def errors_that_say_nothing(town: Town, wishes: list[Wish]) -> None:
    """The brokers answer again and again that they did not do what they did, or say nothing about a partition."""
    town.net.clear_up()
    town.net.kafka = Weather(refused=0.2)
    while True:
        kind, partition = _somewhere(town)
        await _change(town, wishes, kind, await _server(town, partition))


async def an_append_that_comes_late(town: Town, wishes: list[Wish]) -> None:
    """Somebody's group arrives when another serves and has written, at a broker that fences nobody."""
    town.net.clear_up()
    town.brokers.fence_fails = True
    kind, partition = _somewhere(town)
    name = await _server(town, partition)
    late = town.net.hold_up(APPEND)
    asking = asyncio.create_task(_change(town, wishes, kind, name))
    await _until(lambda: bool(late))
    town.net.let_pass(APPEND)
    town.net.leases_forgotten = 1.0
    other = await _server(town, partition, other_than=name)
    await _change(town, wishes, kind, other)
    _let_arrive(late)
    await asking
    await _change(town, wishes, kind, other)


async def a_question_that_takes_long(town: Town, wishes: list[Wish]) -> None:
    """What somebody knows when he asks the database is flushed, and forgotten, before he has the answer."""
    town.net.clear_up()
    kind, partition = _somewhere(town)
    pin, take_off, read, _ = COMMANDS[kind]
    board, other_board = board_id(kind, 0), board_id(kind, 1)
    name = await _server(town, partition)
    flushes = town.net.hold_up(FLUSH)
    for note in (*NAMES, "eggs"):
        await _do(town, wishes, name, pin(board, note, f"{note} before"))
    questions = town.net.hold_up(FETCH)
    both = read(other_board, NAMES[0]), take_off(board, NAMES[0])
    asking = [asyncio.create_task(_do(town, wishes, name, each)) for each in both]
    await _until(lambda: bool(questions))
    town.net.let_pass(FLUSH)
    _let_arrive(flushes)
    await _until(lambda: town.stored_all(partition))
    await asyncio.sleep(LATER)
    town.net.let_pass(FETCH)
    _let_arrive(questions)
    await asyncio.gather(*asking)


async def a_flush_that_takes_long(town: Town, wishes: list[Wish]) -> None:
    """Somebody's flush arrives when more has changed; or so late that it was given up, and all is flushed already."""
    town.net.clear_up()
    kind, partition = _somewhere(town)
    pin, *_ = COMMANDS[kind]
    board = board_id(kind, 0)
    name = await _server(town, partition)
    late = town.net.hold_up(FLUSH)
    await _do(town, wishes, name, pin(board, "eggs", "before"))
    await _until(lambda: bool(late))
    town.net.let_pass(FLUSH)
    for note in (*NAMES, "eggs"):
        await _do(town, wishes, name, pin(board, note, "after"))
    if town.chance.random() < 0.5:
        await _until(lambda: town.stored_all(partition))
    _let_arrive(late)


async def a_store_that_goes_back(town: Town, wishes: list[Wish]) -> None:
    """The database loses what was flushed, again and again: before somebody asks it for what is forgotten, and while
    somebody takes over from himself, because an append went to a broker that leads no more."""
    town.net.clear_up()
    chance = town.chance
    while True:
        kind, partition = _somewhere(town)
        name = await _server(town, partition)
        for _ in range(chance.choice((1, 2, 3))):
            await _change(town, wishes, kind, name)
            await asyncio.sleep(chance.choice((0.0, 0.1, 0.3)) * chance.random())
        if chance.random() < 0.5:
            _change_leader(town, partition)
            asking = asyncio.create_task(_change(town, wishes, kind, name))
            await _lost(town, partition, name)
            await asyncio.sleep(chance.choice((0.05, 0.2)) * chance.random())
            _crash_the_database(town, itemgetter(0))
            await asking
        else:
            _crash_the_database(town, chance.choice)
        await ask_all(town, partition, name, questions_to(kind))


async def a_flush_that_comes_late(town: Town, wishes: list[Wish]) -> None:
    """Somebody's flush arrives while his successor follows the log that it is from, between two of its questions."""
    town.net.clear_up()
    kind, partition = _somewhere(town)
    name = await _server(town, partition)
    late = town.net.hold_up(FLUSH)
    pin, *_ = COMMANDS[kind]
    await asyncio.gather(*(_do(town, wishes, name, pin(board_id(kind, 0), note, "late", copies=3)) for note in NAMES))
    await _until(lambda: bool(late))
    town.crash(name)
    town.net.leases_forgotten = 1.0
    await _claimed(town, partition)
    questions = town.net.hold_up(FETCH)
    for arriving in ([], late):
        await _until(lambda: bool(questions))
        _let_arrive(arriving)
        questions.pop(0)()
    town.net.let_pass(FLUSH)
    town.net.let_pass(FETCH)
    _let_arrive(questions)


async def a_store_that_goes_back_beneath_a_successor(town: Town, wishes: list[Wish]) -> None:
    """The database loses what somebody flushed while he follows the log that his predecessor left."""
    town.net.clear_up()
    kind, partition = _somewhere(town)
    name = await _server(town, partition)
    town.net.hold_up(FLUSH)
    for _ in range(6):
        await _change(town, wishes, kind, name)
    town.crash(name)
    town.net.let_pass(FLUSH)
    town.net.leases_forgotten = 1.0
    await _claimed(town, partition)
    questions = town.net.hold_up(FETCH)
    while not town.serving(partition):
        await _until(lambda: bool(questions) or bool(town.serving(partition)))
        _crash_the_database(town, itemgetter(0))
        _let_arrive(questions)
    town.net.let_pass(FETCH)


async def a_fence_that_comes_late(town: Town, wishes: list[Wish]) -> None:
    """Somebody stands still after his claim, before the database knows of it, until another serves and has written.
    When he goes on, he is asked what he knows."""
    town.net.clear_up()
    kind, partition = _somewhere(town)
    late = town.net.hold_up(FENCE)
    await _until(lambda: bool(late))
    name = town.database.tables.leases[partition].instance
    town.stand_still(name)
    town.net.let_pass(FENCE)
    town.net.leases_forgotten = 1.0
    other = await _server(town, partition, other_than=name)
    town.net.leases_forgotten = 0.0
    await _change(town, wishes, kind, other)
    _let_arrive(late)
    town.go_on(name)
    await _server(town, partition, other_than=other)
    await ask_all(town, partition, name, questions_to(kind))


async def an_answer_that_says_nothing(town: Town, wishes: list[Wish]) -> None:
    """Somebody's append goes to a broker that leads no more. Before he has claimed anew, another refuses the same
    command, which would be possible again soon after."""
    town.net.clear_up()
    kind, partition = _somewhere(town)
    pin, take_off, *_ = COMMANDS[kind]
    board = board_id(kind, 0)
    name = await _server(town, partition)
    await _do(town, wishes, name, pin(board, "eggs", "buy"))
    _change_leader(town, partition)
    town.net.leases_forgotten = 1.0
    other = await _server(town, partition, other_than=name)
    wish = Wish(take_off(board, "eggs"), "eggs")
    first = asyncio.create_task(put(town, partition, name, wish))
    await asyncio.sleep(SOON)
    await _do(town, wishes, other, take_off(board, "eggs"))
    await put(town, partition, other, wish)
    await _do(town, wishes, other, pin(board, "eggs", "buy again"))
    await first


async def a_log_that_goes_back(town: Town, wishes: list[Wish]) -> None:
    """A log loses records that the decision store was made from, and may have others in their place: while somebody
    serves it, while he takes it over from himself, or when he has crashed."""
    town.net.clear_up()
    town.brokers.fence_fails = False
    for each in town.partitions.values():
        town.brokers.log(each).forgetful = False
    chance = town.chance
    kind, partition = _somewhere(town)
    name = await _server(town, partition)
    for _ in range(chance.choice((1, 4))):
        await _change(town, wishes, kind, name)
    await _until(lambda: town.stored_all(partition))
    drawn = chance.random()
    if drawn < 0.5:
        _change_leader(town, partition)
        asking = asyncio.create_task(_change(town, wishes, kind, name))
        await _lost(town, partition, name)
        await asyncio.sleep(chance.choice((0.05, 0.2)) * chance.random())
        _lose_records(town, partition)
        await asking
    else:
        if drawn < 0.7:
            town.crash(name)
        _lose_records(town, partition)
    while True:
        await _change(town, wishes, kind, await _server(town, partition))


def _lose_records(town: Town, partition: TopicPartition) -> None:
    records = town.brokers.log(partition).records
    length = town.chance.randrange(town.database.partition(partition).next_offset)
    lost = [json.loads(each.value) for each in records[length:]]
    others = [json.dumps({**each, "claim": NOBODYS_CLAIM}).encode() for each in lost if "claim" in each]
    town.lose_records(partition, length, others * town.chance.choice((0, 0, 1, 5)))


def _somewhere(town: Town) -> tuple[StreamKind, TopicPartition]:
    kind = town.chance.choice(list(StreamKind))
    return kind, town.partitions[kind]


async def _server(town: Town, partition: TopicPartition, other_than: str = "") -> str:
    """Waits until somebody else serves a partition and stands not still."""
    while True:
        for name in town.serving(partition):
            if name != other_than and not town.processes[name].running.stands_still:
                return name
        await asyncio.sleep(SOON)


async def _lost(town: Town, partition: TopicPartition, name: str) -> None:
    """Waits until somebody serves a partition no more."""
    await _until(lambda: name not in town.serving(partition))


async def _claimed(town: Town, partition: TopicPartition) -> None:
    """Waits until somebody claims a partition."""
    before = town.claim(partition)
    await _until(lambda: town.claim(partition) != before)


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  # nothing says so
        await asyncio.sleep(SOON)


async def _change(town: Town, wishes: list[Wish], kind: StreamKind, name: str) -> None:
    await _do(town, wishes, name, some_change(town.chance, kind))


async def _do(town: Town, wishes: list[Wish], name: str, command: OfBoard) -> None:
    wish = Wish(command, f"change-{len(wishes)}")
    wishes.append(wish)
    if name in town.processes:
        await put(town, town.partitions[command.stream.kind], name, wish)


def _let_arrive(held_up: list[Callable[[], None]]) -> None:
    """In the order in which they were sent."""
    while held_up:
        held_up.pop(0)()


def _change_leader(town: Town, partition: TopicPartition) -> None:
    log = town.brokers.log(partition)
    log.leader = next(node for node in NODES if node != log.leader)


def _crash_the_database(town: Town, choose: Callable[[Sequence[Tables]], Tables]) -> None:
    if town.database.crash(choose):
        town.tell("the database crashes, and has lost what was not on its disk")


STORIES: tuple[Trouble, ...] = (
    a_succession,
    errors_that_say_nothing,
    an_append_that_comes_late,
    a_question_that_takes_long,
    a_flush_that_takes_long,
    a_store_that_goes_back,
    a_flush_that_comes_late,
    a_store_that_goes_back_beneath_a_successor,
    a_fence_that_comes_late,
    an_answer_that_says_nothing,
    a_log_that_goes_back,
)


def any_trouble(chance: Random) -> Trouble:
    """Any of them."""
    return chance.choice(STORIES) if chance.random() < A_STORY else faults_of_all_kinds
