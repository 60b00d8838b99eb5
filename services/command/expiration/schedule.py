"""The schedule in Postgres: the jobs, and beside them how far they follow the log, in one transaction."""
# ruff: noqa: S608 - what is put into statements is a setting and our own constants

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiokafka.structs import TopicPartition

from services.command.expiration.changes import Changes
from shared.identifiers import JobId, UserId
from shared.log.records import Claim
from shared.postgres import Connection, Pool

DONE_KEPT = 100
FAILED_KEPT = 500
TRIES_AT_ONCE = 3
"""After so many tries in vain a job counts as failed; it is tried again all the same."""
LONGEST_PAUSE = timedelta(seconds=60)
JOBS_AT_ONCE = 100
STATEMENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """How far a partition was followed: the next offset, and what is known of the log just before it."""

    next_offset: int
    claim: Claim
    last_record: bytes | None


@dataclass(frozen=True, slots=True)
class Job:
    """A status that is to be cleared. `attempts` were made in vain."""

    job_id: JobId
    user_id: UserId
    due_at: datetime
    attempts: int


class Schedule:
    """The tables of the schema `expiration`. Every method raises what asyncpg does when Postgres is away."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._schema = schema

    async def place(self, partition: TopicPartition) -> Place:
        """How far a partition was followed; its row is made when there is none."""
        found = await self._pool.fetchrow(
            f"""
            INSERT INTO {self._schema}.positions (topic, partition) VALUES ($1, $2)
            ON CONFLICT (topic, partition) DO UPDATE SET topic = excluded.topic
            RETURNING next_offset, claim_offset, claim_epoch, last_record
            """,
            *partition,
            timeout=STATEMENT_SECONDS,
        )
        next_offset, claim_offset, claim_epoch, last_record = found  # type: ignore[misc]  # RETURNING gives a row
        return Place(next_offset, Claim(claim_offset, claim_epoch), last_record)

    async def advance(self, partition: TopicPartition, start: int, end: Place, changes: Changes) -> bool:
        """Takes over what a stretch of the log means. False, and nothing is changed: another process went on there."""
        async with self._pool.acquire(timeout=STATEMENT_SECONDS) as connection, connection.transaction():
            moved = await connection.execute(
                f"""
                UPDATE {self._schema}.positions
                SET next_offset = $4, claim_offset = $5, claim_epoch = $6, last_record = $7
                WHERE topic = $1 AND partition = $2 AND next_offset = $3
                """,
                *partition,
                start,
                end.next_offset,
                end.claim.offset,
                end.claim.epoch,
                end.last_record,
                timeout=STATEMENT_SECONDS,
            )
            if moved != "UPDATE 1":
                return False
            if changes.users:
                await self._take_over(connection, partition, changes)
            return True

    async def _take_over(self, connection: Connection, partition: TopicPartition, changes: Changes) -> None:
        await connection.execute(
            f"""
            UPDATE {self._schema}.jobs SET state = 'done', changed_at = cleared.at
            FROM unnest($1::text[], $2::timestamptz[]) AS cleared (job_id, at)
            WHERE jobs.job_id = cleared.job_id AND state <> 'done'
            """,
            list(changes.expired),
            list(changes.expired.values()),
            timeout=STATEMENT_SECONDS,
        )
        await connection.execute(
            f"DELETE FROM {self._schema}.jobs WHERE user_id = ANY ($1::uuid[]) AND state <> 'done'",
            list(changes.users),
            timeout=STATEMENT_SECONDS,
        )
        jobs = list(changes.jobs.values())
        await connection.execute(
            f"""
            INSERT INTO {self._schema}.jobs (job_id, user_id, topic, partition, due_at, changed_at)
            SELECT job_id, user_id, $1, $2, due_at, now()
            FROM unnest($3::text[], $4::uuid[], $5::timestamptz[]) AS new (job_id, user_id, due_at)
            ON CONFLICT (job_id) DO NOTHING
            """,
            *partition,
            [each.job_id for each in jobs],
            [each.user_id for each in jobs],
            [each.due_at for each in jobs],
            timeout=STATEMENT_SECONDS,
        )

    async def due(self, partitions: Iterable[TopicPartition], now: datetime) -> list[Job]:
        """Jobs of these partitions that are to be tried now, the longest overdue first.

        A pause that ends later than any that is made now was made before the clock was set back, and is over.
        """
        rows = await self._pool.fetch(
            f"""
            SELECT job_id, user_id, due_at, attempts FROM {self._schema}.jobs
            WHERE (topic, partition) IN (SELECT * FROM unnest($1::text[], $2::integer[]))
                AND state <> 'done' AND due_at <= $3 AND (next_try_at IS NULL OR next_try_at <= $3 OR next_try_at > $4)
            ORDER BY due_at LIMIT {JOBS_AT_ONCE}
            """,
            *_columns(partitions),
            now,
            now + LONGEST_PAUSE,
            timeout=STATEMENT_SECONDS,
        )
        return [Job(*row) for row in rows]

    async def next_due(self, partitions: Iterable[TopicPartition]) -> tuple[datetime | None, datetime | None]:
        """When the first job of these partitions is due, and when one is to be tried next; None when there is none."""
        first_due, next_try = await self._pool.fetchrow(  # type: ignore[misc]  # an aggregate gives a row
            f"""
            SELECT min(due_at), min(greatest(due_at, next_try_at)) FROM {self._schema}.jobs
            WHERE (topic, partition) IN (SELECT * FROM unnest($1::text[], $2::integer[])) AND state <> 'done'
            """,
            *_columns(partitions),
            timeout=STATEMENT_SECONDS,
        )
        return first_due, next_try

    async def done(self, jobs: Sequence[Job], now: datetime) -> None:
        """The writers have cleared what these jobs were made for, or found nothing to clear."""
        await self._pool.execute(
            f"""
            UPDATE {self._schema}.jobs SET state = 'done', next_try_at = NULL, changed_at = $2
            WHERE job_id = ANY ($1::text[]) AND state <> 'done'
            """,
            [each.job_id for each in jobs],
            now,
            timeout=STATEMENT_SECONDS,
        )

    async def not_yet(self, job: Job, again_at: datetime) -> None:
        """By the writer's clock it is not due: that was no try in vain."""
        await self._pool.execute(
            f"UPDATE {self._schema}.jobs SET next_try_at = $2 WHERE job_id = $1 AND state <> 'done'",
            job.job_id,
            again_at,
            timeout=STATEMENT_SECONDS,
        )

    async def tried_in_vain(self, job: Job, why: str, now: datetime, again_at: datetime) -> None:
        """It could not be done, and is tried again at that moment."""
        await self._pool.execute(
            f"""
            UPDATE {self._schema}.jobs SET attempts = attempts + 1, last_error = $2, next_try_at = $4, changed_at = $3,
                state = CASE WHEN attempts + 1 >= {TRIES_AT_ONCE} THEN 'failed' ELSE state END
            WHERE job_id = $1 AND state <> 'done'
            """,
            job.job_id,
            why,
            now,
            again_at,
            timeout=STATEMENT_SECONDS,
        )

    async def listed(self, state: str | None, limit: int) -> list[Mapping[str, Any]]:
        """Jobs for an operator to see, in this state or in any: failed, waiting, done, the latest of these first."""
        rows = await self._pool.fetch(
            f"""
            SELECT job_id, user_id, state, due_at, attempts, last_error, next_try_at, changed_at
            FROM {self._schema}.jobs WHERE $1::text IS NULL OR state = $1
            ORDER BY array_position(ARRAY['failed', 'waiting', 'done'], state),
                CASE state WHEN 'done' THEN NULL ELSE due_at END, changed_at DESC, job_id
            LIMIT $2
            """,
            state,
            limit,
            timeout=STATEMENT_SECONDS,
        )
        return [dict(row) for row in rows]

    async def counts(self) -> tuple[dict[str, int], int]:
        """How many jobs there are in each state, and how many are overdue by the database's clock."""
        rows = await self._pool.fetch(
            f"""
            SELECT state, count(*) AS jobs, count(*) FILTER (WHERE state <> 'done' AND due_at < now()) AS overdue
            FROM {self._schema}.jobs GROUP BY state
            """,
            timeout=STATEMENT_SECONDS,
        )
        return {row["state"]: row["jobs"] for row in rows}, sum(row["overdue"] for row in rows)

    async def begin_again(self) -> None:
        """Forgets everything: whoever follows begins again at the first record.

        Also what is done: a log that went back may have lost the end of a status that it still has the beginning of.
        """
        async with self._pool.acquire(timeout=STATEMENT_SECONDS) as connection, connection.transaction():
            await connection.execute(
                f"""
                UPDATE {self._schema}.positions
                SET next_offset = 0, claim_offset = -1, claim_epoch = -1, last_record = NULL
                """
            )
            await connection.execute(f"DELETE FROM {self._schema}.jobs")

    async def forget_oldest(self) -> None:
        """Keeps the last jobs that are done, more of those that had failed on the way, and all that are not done."""
        for had_failed, kept in (("<", DONE_KEPT), (">=", FAILED_KEPT)):
            await self._pool.execute(
                f"""
                DELETE FROM {self._schema}.jobs WHERE job_id IN (
                    SELECT job_id FROM {self._schema}.jobs
                    WHERE state = 'done' AND attempts {had_failed} {TRIES_AT_ONCE}
                    ORDER BY changed_at DESC, job_id DESC OFFSET {kept})
                """,
                timeout=STATEMENT_SECONDS,
            )


def _columns(partitions: Iterable[TopicPartition]) -> tuple[list[str], list[int]]:
    listed = list(partitions)
    return [each.topic for each in listed], [each.partition for each in listed]
