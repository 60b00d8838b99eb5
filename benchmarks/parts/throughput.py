"""How many commands a second of CPU acknowledges, beside what HTTP alone costs with the same libraries."""

from msgspec.structs import replace

from benchmarks.figures import Bar, Figure, Rounds
from benchmarks.load import Asking, Load, Measured, put_load
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
    rounds, bare = Rounds(), bench.servers.bare_http()
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
                    await _note_floor(rounds, load, bare.url, bare.child.pid)
                    await _note_commands(rounds, load, services)
        finally:
            await bare.stop()
    return [figure for each in BARS for figure in _figures(rounds, each)]


async def _warm_up(bench: Bench, services: Services, asking: list[Asking]) -> None:
    """The virtual machine under a new Kafka is slow until it has compiled what is used most."""
    seconds = bench.plan.load_seconds
    await put_load(Load(url=services.command.url, asking=asking, connections=64, seconds=seconds))


async def _note_floor(rounds: Rounds, load: Load, url: str, pid: int) -> None:
    measured = await put_load(replace(load, url=url, pids={"bare": pid}))
    rounds.note(f"floor {load.connections}", measured.answers / measured.cpu["bare"])


async def _note_commands(rounds: Rounds, load: Load, services: Services) -> None:
    measured = await put_load(replace(load, url=services.command.url, pids=services.pids))
    rounds.note(f"ours {load.connections}", measured.answers / measured.cpu["command"])
    rounds.note(f"wall {load.connections}", measured.per_second)
    rounds.note(f"p50 {load.connections}", measured.p50)
    rounds.note(f"p99 {load.connections}", measured.p99)
    _note_cpu(rounds, load.connections, measured)


def _note_cpu(rounds: Rounds, connections: int, measured: Measured) -> None:
    for name in measured.cpu:
        rounds.note(f"{name} {connections}", measured.cpu_microseconds(name))


def _figures(rounds: Rounds, connections: int) -> list[Figure]:
    def beside(name: str, unit: str, noted: str, how: str = "") -> Figure:
        return Figure(f"{name}, {connections} connections", unit, rounds.of(f"{noted} {connections}"), how)

    ratio = Figure(
        f"commands for a CPU-second over the floor, {connections} connections",
        "ratio",
        rounds.ratios(f"ours {connections}", f"floor {connections}"),
        "messages of 60 characters into 64 rooms, authenticated, acknowledged 201; CPU of the command process alone, "
        "from the system's own count; the floor is a POST that aiohttp reads and answers under the same loop",
        BARS[connections],
    )
    return [
        ratio,
        beside("commands for a CPU-second", "1/s", "ours", "CPU of the command process"),
        beside("floor: bare POSTs for a CPU-second", "1/s", "floor", "CPU of the bare process"),
        beside("commands acknowledged a second", "1/s", "wall", "by the clock; all processes share the machine"),
        beside("acknowledgement p50 under load", "ms", "p50", "every connection asks again at once"),
        beside("acknowledgement p99 under load", "ms", "p99"),
        *(beside(f"CPU of {name} for a command", "µs", name) for name in ("command", "projector", "Kafka", "Postgres")),
    ]


PART = Part("a", "What does a command cost?", measure)
