"""Who should own a partition: a row in Postgres, renewed each second. A hint, so that two processes take no turns fencing."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import asyncpg
import structlog
from aiokafka.structs import TopicPartition

from services.command.writing.decision_store import StoreAway
from shared.settings import Settings

RENEW_SECONDS = 1.0
QUERY_SECONDS = 2.0
log = structlog.get_logger()


class Leases:
    """The leases of this process. `held` is as of the last renewal that succeeded."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], settings: Settings, wanted: Sequence[TopicPartition]) -> None:
        self._pool = pool
        self._settings = settings
        self._schema = settings.schema("decisions")
        self._wanted = list(wanted)
        self._incarnation = str(uuid4())
        self._renewed = asyncio.Condition()
        self._rounds = 0
        self.held: frozenset[TopicPartition] = frozenset()

    async def keep(self) -> None:
        """Renews what is held and takes what is free, each second, until cancelled."""
        while True:
            try:
                await self.renew(starting=self._rounds == 0)
            except StoreAway as error:
                log.warning("leases could not be renewed", error=repr(error))
            await asyncio.sleep(RENEW_SECONDS)

    async def renew(self, *, starting: bool = False) -> None:
        """Renews and takes leases once. When `starting`, those of an instance of the same name are taken back at once."""
        found = await self._pool.fetch(
            f"""
            INSERT INTO {self._schema}.leases AS lease (topic, partition, instance, incarnation, url, renewed_at)
            SELECT topic, partition, $3, $4, $5, now() FROM unnest($1::text[], $2::integer[]) AS wanted (topic, partition)
            ON CONFLICT (topic, partition) DO UPDATE
            SET instance = excluded.instance, incarnation = excluded.incarnation, url = excluded.url, renewed_at = now()
            WHERE lease.incarnation = excluded.incarnation
               OR lease.renewed_at < now() - make_interval(secs => $6)
               OR ($7 AND lease.instance = excluded.instance)
            RETURNING topic, partition
            """,
            [each.topic for each in self._wanted],
            [each.partition for each in self._wanted],
            self._settings.instance_name,
            self._incarnation,
            self._settings.command_url,
            self._settings.lease_seconds,
            starting,
            timeout=QUERY_SECONDS,
        )
        async with self._renewed:
            self._rounds += 1
            self.held = frozenset(TopicPartition(topic, partition) for topic, partition in found)
            self._renewed.notify_all()

    async def wait_for(self, partition: TopicPartition) -> None:
        """Waits until a renewal, begun after now, holds this partition's lease."""
        async with self._renewed:
            asked = self._rounds
            await self._renewed.wait_for(lambda: self._rounds > asked and partition in self.held)

    async def release(self) -> None:
        """Gives all leases up, so that others need not wait for their end."""
        self.held = frozenset()
        await self._pool.execute(
            f"DELETE FROM {self._schema}.leases WHERE incarnation = $1", self._incarnation, timeout=QUERY_SECONDS
        )
