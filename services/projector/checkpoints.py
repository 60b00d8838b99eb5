"""Where following stands: a row a partition, moved in the same transaction as the rows that it stands for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka.structs import TopicPartition

from services.projector.projection import Connection
from shared.log.records import NO_CLAIM, Claim

HOLDING_SECONDS = 3.0
"""A holder that has not renewed for so long has lost its place to whoever asks."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far the tables cover a partition. `claim` is in force just before `next_offset`."""

    next_offset: int = 0
    claim: Claim = NO_CLAIM
    last_record: bytes | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A partition's checkpoint goes on from `start` to `to`."""

    partition: TopicPartition
    start: int
    to: Checkpoint


@dataclass(frozen=True, slots=True)
class Holding:
    """The right to follow into a schema, as long as `fence` stands in its checkpoints."""

    holder: str
    fence: int
    filled: bool
    checkpoints: dict[TopicPartition, Checkpoint]


async def hold(connection: Connection, holder: str, partitions: Sequence[TopicPartition]) -> Holding | None:
    """Takes the right to follow when nobody has it, or who had it is gone. None: somebody else follows.

    It waits for a batch of the last holder that is just being committed.
    """
    async with connection.transaction():
        taken = await connection.fetchrow(
            """
            UPDATE following SET holder = $1, fence = fence + 1, renewed_at = clock_timestamp()
            WHERE holder IS NULL OR holder = $1 OR renewed_at < clock_timestamp() - make_interval(secs => $2)
            RETURNING fence, filled_at IS NOT NULL
            """,
            holder,
            HOLDING_SECONDS,
        )
        if taken is None:
            return None
        fence, filled = taken
        await connection.execute(
            """
            INSERT INTO checkpoints (topic, partition, fence)
            SELECT topic, partition, $3 FROM unnest($1::text[], $2::integer[]) AS wanted (topic, partition)
            ON CONFLICT (topic, partition) DO UPDATE SET fence = excluded.fence
            """,
            [each.topic for each in partitions],
            [each.partition for each in partitions],
            fence,
        )
        holding = Holding(holder, fence, filled, await checkpoints_of(connection, partitions))
        await renew(connection, holding)  # it may have waited for long
        return holding


async def shut_out_holder(connection: Connection) -> None:
    """Makes whoever follows read anew what is here. It waits for their open batch; none begins before this commits."""
    await connection.execute(
        """
        WITH next AS (UPDATE following SET fence = fence + 1 RETURNING fence)
        UPDATE checkpoints SET fence = next.fence FROM next
        """
    )


async def checkpoints_of(
    connection: Connection, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, Checkpoint]:
    """The checkpoints of these partitions; one that has no row stands at the beginning."""
    rows = await connection.fetch(
        "SELECT topic, partition, next_offset, claim_offset, claim_epoch, last_record FROM checkpoints"
    )
    found = {
        TopicPartition(topic, partition): Checkpoint(next_offset, Claim(claim_offset, claim_epoch), last_record)
        for topic, partition, next_offset, claim_offset, claim_epoch, last_record in rows
    }
    return {partition: found.get(partition, Checkpoint()) for partition in partitions}


async def renew(connection: Connection, holding: Holding) -> bool:
    """Keeps the right to follow for a while longer. False: it is lost."""
    done = await connection.execute(
        "UPDATE following SET renewed_at = clock_timestamp() WHERE holder = $1 AND fence = $2",
        holding.holder,
        holding.fence,
    )
    return bool(done == "UPDATE 1")


async def give_up(connection: Connection, holder: str) -> None:
    """Lets somebody else follow at once, if this holder still does."""
    await connection.execute("UPDATE following SET holder = NULL WHERE holder = $1", holder)


async def move(connection: Connection, holding: Holding, moves: Sequence[Move]) -> bool:
    """Moves checkpoints, each only from where its batch starts and under the holder's own fence.

    False: somebody else went on, and nothing of this transaction may be committed. It is the transaction's first
    statement: the rows it locks keep a successor waiting until this batch is through.
    """
    done = await connection.execute(
        """
        UPDATE checkpoints AS checkpoint
        SET next_offset = moved.next_offset, claim_offset = moved.claim_offset, claim_epoch = moved.claim_epoch,
            last_record = moved.last_record
        FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[], $8::bytea[])
            AS moved (topic, partition, start, next_offset, claim_offset, claim_epoch, last_record)
        WHERE checkpoint.topic = moved.topic AND checkpoint.partition = moved.partition
          AND checkpoint.next_offset = moved.start AND checkpoint.fence = $1
        """,
        holding.fence,
        [each.partition.topic for each in moves],
        [each.partition.partition for each in moves],
        [each.start for each in moves],
        [each.to.next_offset for each in moves],
        [each.to.claim.offset for each in moves],
        [each.to.claim.epoch for each in moves],
        [each.to.last_record for each in moves],
    )
    return bool(done == f"UPDATE {len(moves)}")


async def note_filled(connection: Connection) -> None:
    """Notes that the tables have had everything that was in the log; only the first time counts."""
    await connection.execute("UPDATE following SET filled_at = clock_timestamp() WHERE filled_at IS NULL")
