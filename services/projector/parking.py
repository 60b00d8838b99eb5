"""What cannot be projected is put aside with its place: everything else goes on, and nothing is skipped in silence."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import asyncpg
import structlog

from services.projector.planning import plan
from services.projector.projection import Connection, Projection
from services.projector.reading import Placed
from shared.events.domain_event import Recorded

log = structlog.get_logger()

UNDECODABLE, FAILED, BEHIND = "undecodable", "failed", "behind"
REASON_LENGTH = 500
TRANSIENT_CLASSES = frozenset({"08", "25", "40", "53", "55", "57", "58", "XX"})
NOT_MIGRATED = frozenset({"3F000", "42P01", "42703", "42501"})
ID_LENGTH = 100
"""What is longer is no stream's id, and may be more than an index takes."""


def is_poison(error: Exception) -> bool:
    """Whether it is the event's fault, and would fail again; else Postgres is away, busy or not migrated."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or "08"
        return state[:2] not in TRANSIENT_CLASSES and state not in NOT_MIGRATED
    if isinstance(error, asyncpg.InterfaceError):
        return isinstance(error, ValueError)  # a value that its column cannot hold
    return not isinstance(error, OSError | TimeoutError | asyncpg.InternalClientError)


def is_too_slow(error: Exception) -> bool:
    """Whether Postgres, which is there and waits for nobody, gave a statement up because it took too long."""
    return isinstance(error, asyncpg.QueryCanceledError)


@dataclass(slots=True)
class Aside:
    """What a batch puts aside: records with why, and the streams that are parked from now on."""

    records: list[tuple[Placed, str, str]] = field(default_factory=list)
    streams: list[tuple[Placed, str]] = field(default_factory=list)

    def put(self, placed: Placed, why: str, reason: str) -> None:
        """Puts one record aside."""
        self.records.append((placed, why, reason))


def recorded_of(events: Iterable[Placed]) -> list[Recorded]:
    """What was recorded, of those that this version can read."""
    return [each.recorded for each in events if each.recorded is not None]


async def project_apart(
    projections: Sequence[Projection],
    events: Sequence[Placed],
    connection: Connection,
    aside: Aside,
    suspects: Collection[str] = (),
) -> None:
    """Applies, of events that fail together, all streams but those that fail, which it puts aside from the event that
    failed on. `suspects`: the streams that the failure was about, where that is known.

    The others are applied together. Halving then finds one failing stream among n in about log n steps, and takes as
    little at once as goes through where it was the amount that was too much. Raises what is no event's fault.
    """
    by_stream: dict[str, list[Placed]] = {}
    for each in events:
        by_stream.setdefault(str(each.stream_id), []).append(each)
    suspected = [stream for stream_id, stream in by_stream.items() if not suspects or stream_id in suspects]
    others = [stream for stream_id, stream in by_stream.items() if suspects and stream_id not in suspects]
    if others and await _failure_of_streams(projections, others, connection) is not None:
        await _by_halves(projections, others, connection, aside)
    if suspected:
        await _by_halves(projections, suspected, connection, aside)


async def _by_halves(
    projections: Sequence[Projection], streams: list[list[Placed]], connection: Connection, aside: Aside
) -> None:
    if len(streams) == 1:
        await _one_by_one(projections, streams[0], connection, aside)
        return
    middle = len(streams) // 2
    for half in (streams[:middle], streams[middle:]):
        if await _failure_of_streams(projections, half, connection) is not None:
            await _by_halves(projections, half, connection, aside)


async def _failure_of_streams(
    projections: Sequence[Projection], streams: Sequence[Sequence[Placed]], connection: Connection
) -> str | None:
    return await failure_of(projections, [each for stream in streams for each in stream], connection)


async def _one_by_one(
    projections: Sequence[Projection], stream: list[Placed], connection: Connection, aside: Aside
) -> None:
    for index, each in enumerate(stream):
        reason = await failure_of(projections, [each], connection)
        if reason is None:
            continue
        log.error("a stream is parked", stream_id=each.stream_id, offset=each.offset, reason=reason)
        aside.streams.append((each, reason))
        aside.put(each, FAILED, reason)
        for later in stream[index + 1 :]:
            aside.put(later, BEHIND, "its stream is parked")
        return


async def failure_of(projections: Sequence[Projection], events: Sequence[Placed], connection: Connection) -> str | None:
    """Applies events all or none. Gives why they cannot be, or None if they were. Raises what is not their fault."""
    try:
        async with connection.transaction():
            await (await plan(projections, recorded_of(events))).carry_out(connection)
    except Exception as error:  # whatever a projection raises
        if not is_poison(error) and not is_too_slow(error):
            raise
        return reason_of(error)
    return None


def reason_of(error: Exception) -> str:
    """Why it failed, without what people wrote: a database's message may repeat it, so only its kind is kept."""
    if isinstance(error, asyncpg.PostgresError):
        places = (error.table_name, error.column_name, error.constraint_name)
        where = ".".join(each for each in places if each)
        return f"{type(error).__name__} ({error.sqlstate}) {where}".strip()
    return f"{type(error).__name__} in {_place_of(error)}"[:REASON_LENGTH]


def _place_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "nowhere" if trace is None else f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}"


async def parked_streams(connection: Connection) -> set[str]:
    """The streams whose events queue."""
    return {row["stream_id"] for row in await connection.fetch("SELECT stream_id FROM parked_streams")}


async def count_parked(connection: Connection) -> tuple[int, int]:
    """How many records and how many streams are parked."""
    records = await connection.fetchval("SELECT count(*) FROM parked_records")
    streams = await connection.fetchval("SELECT count(*) FROM parked_streams")
    return records, streams


async def keep_aside(connection: Connection, aside: Aside) -> None:
    """Writes down what was put aside."""
    await connection.executemany(
        """
        INSERT INTO parked_streams (stream_id, topic, partition, first_offset, reason) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (stream_id) DO NOTHING
        """,
        [(id_kept(each.stream_id), *each.partition, each.offset, reason) for each, reason in aside.streams],
    )
    await connection.executemany(
        """
        INSERT INTO parked_records
            (topic, partition, record_offset, why, reason, stream_id, claim_offset, claim_epoch, value)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (topic, partition, record_offset) DO NOTHING
        """,
        list(_rows(aside.records)),
    )


def _rows(records: Iterable[tuple[Placed, str, str]]) -> Iterable[tuple[object, ...]]:
    for each, why, reason in records:
        claim = each.claim
        yield (
            *each.partition,
            each.offset,
            why,
            reason,
            id_kept(each.stream_id),
            claim.offset,
            claim.epoch,
            each.value,
        )


def id_kept(stream_id: str | None) -> str | None:
    """What is written down of a stream's id: of a record that is nobody's it may be a text that no column holds."""
    return None if stream_id is None else stream_id.replace("\0", "").encode(errors="replace").decode()[:ID_LENGTH]
