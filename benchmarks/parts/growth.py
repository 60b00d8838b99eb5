"""How the cost of a command and of a question grows with what was said before, and with who is there."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.figures import Figure, Rounds, quotients
from benchmarks.load import Asking, Load, Measured, put_load
from benchmarks.part import Bench, Part
from benchmarks.stack import Services
from benchmarks.world import Room, asking_in, life_of, room_of, rooms_of
from benchmarks.writing_logs import write_log

ROOMS = 64
CONNECTIONS = 64
READERS = 4
POOL_SIZE = 10
"""Several services run beside each other here, and Postgres takes 100 connections in all."""
MESSAGES_EACH = 500
QUESTIONS = {
    "a page of messages": "/v1/conversations/{id}/messages?limit=50",
    "what is unread": "/v1/conversations/{id}/unread",
    "my conversations": "/v1/conversations?limit=50",
}
COMMAND = "a command"
THINGS = (COMMAND, *QUESTIONS)
SERVICE, POSTGRES, TIME = "CPU of the service for", "CPU of Postgres for", "p50 of"
COSTS = {SERVICE: "µs", POSTGRES: "µs", TIME: "ms"}
MESSAGES, PARTICIPANTS = "messages", "participants"


@dataclass(frozen=True, slots=True)
class _Place:
    """Rooms of one size in the services of one corner; `what` is grown in it, to `size`."""

    what: str
    size: int
    services: Services
    rooms: list[Room]

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.size:,} {self.what}"


async def measure(bench: Bench) -> list[Figure]:
    """CPU and time of a command and of questions, at each number of messages and of participants."""
    rounds = Rounds()
    async with AsyncExitStack() as stack:
        places = [await _with_messages(bench, stack, each) for each in bench.plan.grown_messages]
        places += await _with_participants(bench, stack, bench.plan.grown_participants)
        for _, in_turn in bench.in_turn(places):
            for place in in_turn:
                await _note_commands(bench, rounds, place)
                for question in QUESTIONS:
                    await _note_question(bench, rounds, place, question)
    return _figures(rounds, places)


async def _with_messages(bench: Bench, stack: AsyncExitStack, messages: int) -> _Place:
    corner = await bench.servers.corner(f"grown{messages}", database_pool_size=POOL_SIZE)
    rooms = rooms_of(ROOMS)
    await write_log(corner, life_of(rooms, messages))
    services = await stack.enter_async_context(bench.servers.services(corner))
    return _Place(MESSAGES, messages, services, rooms)


async def _with_participants(bench: Bench, stack: AsyncExitStack, numbers: Sequence[int]) -> list[_Place]:
    corner = await bench.servers.corner("participants", database_pool_size=POOL_SIZE)
    rooms = [room_of(f"crowd {number}", number) for number in numbers]
    await write_log(corner, life_of(rooms, MESSAGES_EACH * len(rooms)))
    services = await stack.enter_async_context(bench.servers.services(corner))
    return [_Place(PARTICIPANTS, len(room.members), services, [room]) for room in rooms]


async def _note_commands(bench: Bench, rounds: Rounds, place: _Place) -> None:
    asking = asking_in(place.rooms, place.services.settings)
    measured = await put_load(_load(bench, place, place.services.command.url, asking, CONNECTIONS))
    _note(rounds, place, COMMAND, measured, "command")


async def _note_question(bench: Bench, rounds: Rounds, place: _Place, question: str) -> None:
    asking = [
        Asking(QUESTIONS[question].format(id=room.conversation_id), each.token, sends=False)
        for room, each in zip(place.rooms, asking_in(place.rooms, place.services.settings), strict=True)
    ]
    measured = await put_load(_load(bench, place, place.services.projector.url, asking, READERS))
    _note(rounds, place, question, measured, "projector")


def _note(rounds: Rounds, place: _Place, thing: str, measured: Measured, service: str) -> None:
    rounds.note(f"{place.name}: {thing}, {SERVICE}", measured.cpu_microseconds(service))
    rounds.note(f"{place.name}: {thing}, {POSTGRES}", measured.cpu_microseconds("Postgres"))
    rounds.note(f"{place.name}: {thing}, {TIME}", measured.p50)


def _load(bench: Bench, place: _Place, url: str, asking: list[Asking], connections: int) -> Load:
    return Load(
        url=url,
        asking=asking,
        connections=connections,
        warm_up_seconds=bench.plan.growth_seconds / 4,
        seconds=bench.plan.growth_seconds,
        pids=place.services.pids,
    )


def _figures(rounds: Rounds, places: Sequence[_Place]) -> list[Figure]:
    """For each thing first how much dearer it is in the largest place than in the smallest, then every cost."""
    by_what = [[each for each in places if each.what == what] for what in (MESSAGES, PARTICIPANTS)]
    dearer = [_dearer(rounds, thing, compared) for thing in THINGS for compared in by_what]
    costs = [
        Figure(f"{cost} {thing}, {place.name}", unit, rounds.of(f"{place.name}: {thing}, {cost}"))
        for thing in THINGS
        for cost, unit in COSTS.items()
        for place in places
    ]
    return [*dearer, *costs]


def _dearer(rounds: Rounds, thing: str, places: Sequence[_Place]) -> Figure:
    smallest, largest = (
        rounds.sums(f"{place.name}: {thing}, {SERVICE}", f"{place.name}: {thing}, {POSTGRES}")
        for place in (places[0], places[-1])
    )
    connections = CONNECTIONS if thing == COMMAND else READERS
    how = f"CPU of the service and of Postgres together; {connections} connections that ask again at once"
    return Figure(f"{thing}: {places[-1].name}, over {places[0].name}", "ratio", quotients(largest, smallest), how)


PART = Part("i", "What grows with use?", measure)
