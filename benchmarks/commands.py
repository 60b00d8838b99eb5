"""What commands cost under load, and what HTTP alone costs: noted and named alike, whatever the commands are."""

from msgspec.structs import replace

from benchmarks.figures import Bar, Figure, Rounds
from benchmarks.load import Load, Measured, put_load
from benchmarks.stack import Services
from deploy.embedded.service import EmbeddedService

OURS, FLOOR = "ours", "floor"


async def note_commands(rounds: Rounds, load: Load, services: Services) -> Measured:
    """Puts a load on a command service, whatever its `url` and `pids` are, and notes what the figures below tell."""
    measured = await put_load(replace(load, url=services.command.url, pids=services.pids))
    rounds.note(OURS, measured.answers / measured.cpu["command"])
    rounds.note("wall", measured.per_second)
    rounds.note("p50", measured.p50)
    rounds.note("p99", measured.p99)
    rounds.note_all({name: measured.cpu_microseconds(name) for name in measured.cpu})
    return measured


async def note_floor(rounds: Rounds, load: Load, bare: EmbeddedService) -> None:
    """Puts a load on the bare HTTP service instead, and notes how much a second of its CPU answers."""
    measured = await put_load(replace(load, url=bare.url, pids={FLOOR: bare.child.pid}))
    rounds.note(FLOOR, measured.answers / measured.cpu[FLOOR])


def over_the_floor(rounds: Rounds, kind: str, how: str, bar: Bar | None = None) -> Figure:
    """Commands for each CPU-second over bare POSTs for each; a figure's name ends in the kind of commands or load."""
    name = f"commands for a CPU-second over the floor, {kind}"
    return Figure(name, "ratio", rounds.ratios(OURS, FLOOR), how, bar)


def command_figures(rounds: Rounds, kind: str) -> list[Figure]:
    """How fast commands were acknowledged, and what CPU each took of every process."""

    def figure(name: str, unit: str, noted: str, how: str = "") -> Figure:
        return Figure(f"{name}, {kind}", unit, rounds.of(noted), how)

    return [
        figure("commands acknowledged a second", "1/s", "wall", "by the clock; all processes share the machine"),
        figure("acknowledgement p50 under load", "ms", "p50", "every connection asks again at once"),
        figure("acknowledgement p99 under load", "ms", "p99"),
        *(figure(f"CPU of {name} for a command", "µs", name) for name in ("command", "projector", "Kafka", "Postgres")),
    ]
