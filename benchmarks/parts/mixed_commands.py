"""How many commands of all kinds a second of CPU acknowledges, beside the same floor as messages alone."""

from msgspec.structs import replace

from benchmarks.apart import BrokenRunError
from benchmarks.commands import FLOOR, OURS, command_figures, note_commands, note_floor, over_the_floor
from benchmarks.figures import Figure, Rounds
from benchmarks.load import Load, put_load
from benchmarks.mixed_asking import SAID_BEFORE, mixed_asking_in
from benchmarks.part import Bench, Part
from benchmarks.stack import Services
from benchmarks.world import asking_in, life_of, rooms_of
from benchmarks.writing_logs import write_log
from shared.identifiers import StreamKind
from shared.log.reading import LogReader
from shared.log.topics import partitions_of
from shared.settings import Settings

CONNECTIONS = 64


async def measure(bench: Bench) -> list[Figure]:
    """Commands for each CPU-second of the command process, over requests for each of a bare aiohttp POST."""
    corner = await bench.servers.corner("mixedcommands")
    rooms = rooms_of(CONNECTIONS * (bench.plan.rounds + 1))
    life = list(life_of(rooms, SAID_BEFORE * len(rooms)))
    await write_log(corner, life)
    # Each room is asked in by one connection in one round, so that every command changes something.
    of_rounds = [rooms[start : start + CONNECTIONS] for start in range(0, len(rooms), CONNECTIONS)]
    rounds, bare = Rounds(), bench.servers.bare_http()
    async with bench.servers.services(corner) as services:
        try:
            await bare.start()
            loads = [
                Load(
                    url=services.command.url,
                    asking=mixed_asking_in(each, life, corner),
                    connections=CONNECTIONS,
                    warm_up_seconds=bench.plan.warm_up_seconds,
                    seconds=bench.plan.load_seconds,
                )
                for each in of_rounds
            ]
            await put_load(loads.pop())
            for number, steps in bench.in_turn((OURS, FLOOR)):
                for step in steps:
                    if step == OURS:
                        await _note_ours(rounds, loads[number], services)
                    else:
                        floor = replace(loads[number], asking=asking_in(rooms[:CONNECTIONS], corner))
                        await note_floor(rounds, floor, bare)
        finally:
            await bare.stop()
    return _figures(rounds)


async def _note_ours(rounds: Rounds, load: Load, services: Services) -> None:
    before = await _records(services.settings)
    measured = await note_commands(rounds, load, services)
    recorded = await _records(services.settings) - before
    if recorded != measured.asked:
        raise BrokenRunError(f"{measured.asked:,} commands were to be recorded, and {recorded:,} records are new")


async def _records(settings: Settings) -> int:
    reader = LogReader(settings.kafka_bootstrap_servers, "verbatim-benchmarks", at_once=1)
    try:
        ends = await reader.end_offsets(each for kind in StreamKind for each in partitions_of(settings, kind))
    finally:
        await reader.close()
    return sum(ends.values())


def _figures(rounds: Rounds) -> list[Figure]:
    how = (
        f"{CONNECTIONS} connections, each in a room of its own; of fifteen commands in turn four are messages, one of "
        "them with a picture, and three are about a reaction, three about a bookmark, two about a pin; the others edit "
        "a message, move a read marker and set a status; each led to one event; the floor is that of (a)"
    )
    return [over_the_floor(rounds, "mixed", how), *command_figures(rounds, "mixed")]


PART = Part("k", "And what does a command cost where people do more than send?", measure)
