"""Releases what was parked, after a fix: in order, stream by stream, beside the process that follows."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from aiokafka.structs import TopicPartition

from services.projector.checkpoints import shut_out_holder
from services.projector.parking import FAILED, failure_of, id_kept
from services.projector.projection import Connection, Projection
from services.projector.reading import Placed
from shared.events.domain_event import Recorded
from shared.log.claim_rule import Claimed, Undecodable, Void, judge_record
from shared.log.records import Claim


@dataclass(slots=True)
class Released:
    """What became of it: records applied, records that turned out not to count, and records that stay."""

    applied: int = 0
    void: int = 0
    left: int = 0


async def release(connection: Connection, projections: Sequence[Projection], stream_id: str | None = None) -> Released:
    """Applies what is parked, of one stream or of all. A stream that fails again stays parked from there on.

    All or nothing for each record, and all of it in one transaction: the process that follows waits meanwhile, and
    begins anew with what is left.
    """
    released = Released()
    async with connection.transaction():
        await shut_out_holder(connection)
        rows = await connection.fetch(
            """
            SELECT * FROM parked_records WHERE $1::text IS NULL OR stream_id = $1
            ORDER BY topic, partition, record_offset
            """,
            stream_id,
        )
        stuck: set[str | None] = set()
        for row in rows:
            await _release_one(connection, projections, row, stuck, released)
        await connection.execute(
            """
            DELETE FROM parked_streams AS stream
            WHERE NOT EXISTS (SELECT FROM parked_records WHERE stream_id = stream.stream_id AND why <> 'undecodable')
            """
        )
    return released


async def _release_one(
    connection: Connection,
    projections: Sequence[Projection],
    row: asyncpg.Record,
    stuck: set[str | None],
    released: Released,
) -> None:
    placed = _judged_again(row)
    if isinstance(placed, Undecodable) or (not isinstance(placed, Void) and placed.stream_id in stuck):
        released.left += 1
    elif isinstance(placed, Void):
        released.void += 1
        await _forget(connection, row)
    elif (reason := await failure_of(projections, [placed], connection)) is None:
        released.applied += 1
        await _forget(connection, row)
    else:
        released.left += 1
        stuck.add(placed.stream_id)
        await _still_fails(connection, placed, reason)


def _judged_again(row: asyncpg.Record) -> Placed | Undecodable | Void:
    claim = Claim(row["claim_offset"], row["claim_epoch"])
    match judge_record(row["record_offset"], row["value"], claim):
        case Recorded() as recorded:
            place = TopicPartition(row["topic"], row["partition"])
            return Placed(place, row["record_offset"], row["value"], claim, recorded, recorded.stream_id)
        case Claimed() | Void():
            return Void()
        case Undecodable() as undecodable:
            return undecodable


async def _forget(connection: Connection, row: asyncpg.Record) -> None:
    await connection.execute(
        "DELETE FROM parked_records WHERE topic = $1 AND partition = $2 AND record_offset = $3",
        row["topic"],
        row["partition"],
        row["record_offset"],
    )


async def _still_fails(connection: Connection, placed: Placed, reason: str) -> None:
    """The stream is parked from this record on; one that could not be read before may park it only now."""
    await connection.execute(
        """
        UPDATE parked_records SET why = $4, reason = $5 WHERE topic = $1 AND partition = $2 AND record_offset = $3
        """,
        *placed.partition,
        placed.offset,
        FAILED,
        reason,
    )
    await connection.execute(
        """
        INSERT INTO parked_streams (stream_id, topic, partition, first_offset, reason) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (stream_id) DO UPDATE SET first_offset = excluded.first_offset, reason = excluded.reason
        """,
        id_kept(placed.stream_id),
        *placed.partition,
        placed.offset,
        reason,
    )
