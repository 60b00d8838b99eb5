"""How quick the tables follow the log, beside reading it and copying the same rows, and nothing else."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import asyncpg

from benchmarks.apart import BrokenRunError
from benchmarks.figures import Bar, Figure, Rounds, quotients
from benchmarks.floors.bare_copy import Copied, bare_copy
from benchmarks.floors.bare_read import bare_read
from benchmarks.following import Projected, follow_to_the_end
from benchmarks.mixed_world import mixed_life_of
from benchmarks.part import Bench, Part
from benchmarks.processes import cpu_of, difference
from benchmarks.rebuilding import rebuild
from benchmarks.world import Placed, Room, life_of, rooms_of
from benchmarks.writing_logs import write_log
from migrations.apply import migrate_schema
from services.projector.schemas import schemas_of
from shared.settings import Settings

ROOMS = 64
OURS, READING, COPYING = "ours", "reading", "copying"


@dataclass(frozen=True, slots=True)
class _Log:
    """What is projected: `unit` says of what one stretch after another consists."""

    name: str
    life: Callable[[list[Room], int], Iterator[Placed]]
    unit: str


MESSAGES = _Log("", life_of, "ten messages and then a read marker, in 64 rooms in turn")
MIXED = _Log(
    "mixed, ",
    mixed_life_of,
    "ten messages, one of them with a picture, and then a read marker, five events about reactions, two edits, an "
    "unsend, a pin or its end, two or three about a bookmark, and a status, in 64 rooms in turn",
)


@dataclass(frozen=True, slots=True)
class _Way:
    """One of the two ways in which tables are filled."""

    name: str
    bar: Bar
    how: str
    bare: bool


LIVE_WAY = _Way(
    "live projection",
    Bar(0.5, aim=0.9, at_least=True),
    "the projector's loop on a log that is there, from connecting to the last commit, tables with every index, batches "
    "durable; the floor reads the same log with the same client and COPYs the same rows, binary and from memory, into "
    "the same tables, one commit a table",
    bare=False,
)
REBUILD_WAY = _Way(
    "rebuild",
    Bar(0.5, aim=1.0, at_least=True),
    "`verbatim projections rebuild` without its comparison, into a schema that is migrated before; the floor reads the "
    "same log with the same client, COPYs the same rows, binary and from memory, into tables without keys and indexes, "
    "and makes those afterwards",
    bare=True,
)


async def measure_live(bench: Bench) -> list[Figure]:
    """The floor's time over that of the live projection."""
    return await _measure(bench, LIVE_WAY, MESSAGES)


async def measure_rebuild(bench: Bench) -> list[Figure]:
    """The floor's time over that of a rebuild."""
    return await _measure(bench, REBUILD_WAY, MESSAGES)


async def measure_mixed(bench: Bench) -> list[Figure]:
    """Both of a log in which more than half of the events are something else than a message."""
    return [*await _measure(bench, LIVE_WAY, MIXED), *await _measure(bench, REBUILD_WAY, MIXED)]


async def _measure(bench: Bench, way: _Way, log: _Log) -> list[Figure]:
    corner = await bench.servers.corner(f"{log.name.split(',')[0]}{way.name.split()[0]}")
    records = await write_log(corner, log.life(rooms_of(ROOMS), bench.plan.projected_messages))
    schemas = schemas_of(corner)
    await follow_to_the_end(corner)  # the rows that the floor copies
    await _check_nothing_is_parked(corner, schemas.live)
    rounds = Rounds()
    for _, steps in bench.in_turn((OURS, READING, COPYING)):
        for step in steps:
            match step:
                case "ours":
                    await _note_ours(bench, rounds, corner, way)
                case "reading":
                    rounds.note(READING, (await bare_read(corner)).seconds)
                case _:
                    await _note_copying(rounds, corner, way)
    await _forget(corner, schemas.next)
    return _figures(rounds, records, way, log)


async def _check_nothing_is_parked(corner: Settings, schema: str) -> None:
    """What is parked costs little, and would make the figure too good."""
    connection = await asyncpg.connect(corner.database_url)
    parked: int = await connection.fetchval(f"SELECT count(*) FROM {schema}.parked_records")  # noqa: S608  # ours
    await connection.close()
    if parked:
        raise BrokenRunError(f"{parked:,} records were parked and not projected")


async def _note_ours(bench: Bench, rounds: Rounds, corner: Settings, way: _Way) -> None:
    schemas = schemas_of(corner)
    await _make_empty(corner, schemas.next if way.bare else schemas.live)
    before = cpu_of(bench.servers.pids)
    projected: Projected = await (rebuild(corner) if way.bare else follow_to_the_end(corner))
    rounds.note(OURS, projected.seconds)
    rounds.note("CPU of ours", projected.cpu_seconds)
    rounds.note_all({f"CPU of {name}": used for name, used in difference(cpu_of(bench.servers.pids), before).items()})


async def _note_copying(rounds: Rounds, corner: Settings, way: _Way) -> None:
    floor = f"{corner.schema_prefix}floor"
    await _make_empty(corner, floor)
    copied: Copied = await bare_copy(corner, schemas_of(corner).live, floor, bare=way.bare)
    rounds.note(COPYING, copied.seconds)
    await _forget(corner, floor)


async def _make_empty(corner: Settings, schema: str) -> None:
    await _forget(corner, schema)
    await asyncio.to_thread(migrate_schema, corner.database_url, "read", schema)


async def _forget(corner: Settings, schema: str) -> None:
    connection = await asyncpg.connect(corner.database_url)
    await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    await connection.execute("CHECKPOINT")
    await connection.close()


def _figures(rounds: Rounds, records: int, way: _Way, log: _Log) -> list[Figure]:
    what = f"{log.name}{way.name}"

    def rate(name: str, step: str, how: str = "") -> Figure:
        return Figure(f"{name}, {what}", "records/s", tuple(records / each for each in rounds.of(step)), how)

    def cpu(name: str, noted: str) -> Figure:
        used = tuple(each / records * 1e6 for each in rounds.of(f"CPU of {noted}"))
        return Figure(f"CPU of {name} for a record, {what}", "µs", used)

    return [
        Figure(
            f"floor's time over ours, {what} of {records:,} records",
            "ratio",
            quotients(rounds.sums(READING, COPYING), rounds.of(OURS)),
            way.how,
            way.bar,
        ),
        rate("records", OURS, log.unit),
        rate("floor: records read", READING),
        rate("floor: records' rows copied", COPYING, "with the indexes afterwards" if way.bare else ""),
        cpu("the process", "ours"),
        cpu("Kafka", "Kafka"),
        cpu("Postgres", "Postgres"),
    ]


LIVE = Part("c", "How quick do the live tables follow?", measure_live)
REBUILD = Part("d", "How quick are tables made anew?", measure_rebuild)
MIXED_LOG = Part("j", "And where people do more than send and read?", measure_mixed)
