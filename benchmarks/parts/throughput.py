"""How many commands a second of CPU acknowledges, beside what HTTP alone costs with the same libraries."""

from benchmarks.commands import FLOOR, OURS, command_figures, note_commands, note_floor, over_the_floor
from benchmarks.figures import Bar, Figure, Rounds
from benchmarks.load import Asking, Load, put_load
from benchmarks.part import Bench, Part
from benchmarks.stack import Services
from benchmarks.world import asking_in, life_of, rooms_of
from benchmarks.writing_logs import write_log

ROOMS = 64
BARS = {64: Bar(0.30, aim=0.45, at_least=True), 256: Bar(0.42, aim=0.55, at_least=True)}


async def measure(bench: Bench) -> list[Figure]:
    """Commands for each CPU-second of the command process, over requests for each of a bare aiohttp POST."""
    corner = await bench.servers.corner("throughput")
    rooms = rooms_of(ROOMS)
    await write_log(corner, life_of(rooms, 0))
    rounds, bare = {connections: Rounds() for connections in BARS}, bench.servers.bare_http()
    asking = asking_in(rooms, corner)
    async with bench.servers.services(corner) as services:
        try:
            await bare.start()
            await _warm_up(bench, services, asking)
            for _, connections in bench.in_turn(tuple(BARS)):
                for each in connections:
                    load = Load(
                        url="",
                        asking=asking,
                        connections=each,
                        warm_up_seconds=bench.plan.warm_up_seconds,
                        seconds=bench.plan.load_seconds,
                    )
                    await note_floor(rounds[each], load, bare)
                    await note_commands(rounds[each], load, services)
        finally:
            await bare.stop()
    return [figure for connections, noted in rounds.items() for figure in _figures(noted, connections)]


async def _warm_up(bench: Bench, services: Services, asking: list[Asking]) -> None:
    """The virtual machine under a new Kafka is slow until it has compiled what is used most."""
    seconds = bench.plan.load_seconds
    await put_load(Load(url=services.command.url, asking=asking, connections=64, seconds=seconds))


def _figures(rounds: Rounds, connections: int) -> list[Figure]:
    kind = f"{connections} connections"
    how = (
        "messages of 60 characters into 64 rooms, authenticated, acknowledged 201; CPU of the command process alone, "
        "from the system's own count; the floor is a POST that aiohttp reads and answers under the same loop"
    )
    ours, floor = rounds.of(OURS), rounds.of(FLOOR)
    return [
        over_the_floor(rounds, kind, how, BARS[connections]),
        Figure(f"commands for a CPU-second, {kind}", "1/s", ours, "CPU of the command process"),
        Figure(f"floor: bare POSTs for a CPU-second, {kind}", "1/s", floor, "CPU of the bare process"),
        *command_figures(rounds, kind),
    ]


PART = Part("a", "What does a command cost?", measure)
