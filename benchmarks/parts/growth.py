"""How the cost of a command and of a question grows with what was said before, and with who is there."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.figures import Figure, Rounds
from benchmarks.load import Asking, Load, put_load
from benchmarks.part import Bench, Part
from benchmarks.stack import Services
from benchmarks.world import Room, asking_in, life_of, room_of, rooms_of
from benchmarks.writing_logs import write_log

ROOMS = 64
CONNECTIONS = 64
READERS = 16
MESSAGES_EACH = 500
QUESTIONS = {
    "a page of messages": "/v1/conversations/{id}/messages?limit=50",
    "what is unread": "/v1/conversations/{id}/unread",
    "my conversations": "/v1/conversations?limit=50",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Rooms of one size in the services of one corner; `name` says what is grown in it."""

    name: str
    services: Services
    rooms: list[Room]


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
    return [figure for place in places for figure in _figures(rounds, place)]


async def _with_messages(bench: Bench, stack: AsyncExitStack, messages: int) -> _Place:
    corner = await bench.servers.corner(f"grown{messages}")
    rooms = rooms_of(ROOMS)
    await write_log(corner, life_of(rooms, messages))
    services = await stack.enter_async_context(bench.servers.services(corner))
    return _Place(f"{messages:,} messages in {ROOMS} rooms", services, rooms)


async def _with_participants(bench: Bench, stack: AsyncExitStack, numbers: Sequence[int]) -> list[_Place]:
    corner = await bench.servers.corner("participants")
    rooms = [room_of(f"crowd {number}", number) for number in numbers]
    await write_log(corner, life_of(rooms, MESSAGES_EACH * len(rooms)))
    services = await stack.enter_async_context(bench.servers.services(corner))
    return [_Place(f"{len(room.members):,} participants in a room", services, [room]) for room in rooms]


async def _note_commands(bench: Bench, rounds: Rounds, place: _Place) -> None:
    asking = asking_in(place.rooms, place.services.settings)
    measured = await put_load(_load(bench, place, place.services.command.url, asking, CONNECTIONS))
    rounds.note(f"{place.name}: a command", measured.cpu_microseconds("command"))
    rounds.note(f"{place.name}: a command, Postgres", measured.cpu_microseconds("Postgres"))
    rounds.note(f"{place.name}: a command, p50", measured.p50)


async def _note_question(bench: Bench, rounds: Rounds, place: _Place, question: str) -> None:
    asking = [
        Asking(QUESTIONS[question].format(id=room.conversation_id), each.token, sends=False)
        for room, each in zip(place.rooms, asking_in(place.rooms, place.services.settings), strict=True)
    ]
    measured = await put_load(_load(bench, place, place.services.projector.url, asking, READERS))
    rounds.note(f"{place.name}: {question}", measured.cpu_microseconds("projector"))
    rounds.note(f"{place.name}: {question}, Postgres", measured.cpu_microseconds("Postgres"))
    rounds.note(f"{place.name}: {question}, p50", measured.p50)


def _load(bench: Bench, place: _Place, url: str, asking: list[Asking], connections: int) -> Load:
    return Load(
        url=url,
        asking=asking,
        connections=connections,
        warm_up_seconds=bench.plan.growth_seconds / 4,
        seconds=bench.plan.growth_seconds,
        pids=place.services.pids,
    )


def _figures(rounds: Rounds, place: _Place) -> list[Figure]:
    def figures(thing: str, process: str, connections: int) -> list[Figure]:
        how = f"{connections} connections, which ask again at once"
        noted = f"{place.name}: {thing}"
        return [
            Figure(f"CPU of {process} for {thing}, {place.name}", "µs", rounds.of(noted), how),
            Figure(f"CPU of Postgres for {thing}, {place.name}", "µs", rounds.of(f"{noted}, Postgres"), how),
            Figure(f"p50 of {thing}, {place.name}", "ms", rounds.of(f"{noted}, p50"), how),
        ]

    questions = [figure for each in QUESTIONS for figure in figures(each, "the projector", READERS)]
    return [*figures("a command", "the command service", CONNECTIONS), *questions]


PART = Part("i", "What grows with use?", measure)
