"""Who should own a partition: a row in Postgres, renewed each second. A hint, so that two take no turns in fencing."""

# ruff: noqa: S608 - what stands in the SQL is the schema's name from the settings, never what somebody sent

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol
from uuid import uuid4

import structlog
from aiokafka.structs import TopicPartition

from services.command.writing.clocks import Clocks
from services.command.writing.decision_store import StoreAway
from shared.postgres import Pool
from shared.settings import Settings

RENEW_SECONDS = 1.0
QUERY_SECONDS = 2.0
log = structlog.get_logger()


class LeaseRows(Protocol):
    """Where the leases of one process are written down. Everything here raises one of StoreAway."""

    async def renew(self, *, starting: bool) -> frozenset[TopicPartition]:
        """Renews what is held and takes what is free; when `starting`, also what an instance of this name held."""

    async def holders(self) -> dict[TopicPartition, str]:
        """Which instance holds each wanted partition's lease now, ours included; those that ran out are left out."""

    async def release(self) -> None:
        """Gives all up."""


class Leases:
    """The leases of this process. `held` is as of the last renewal that succeeded, which began at `renewed_at`."""

    def __init__(self, rows: LeaseRows, lease_seconds: float, clocks: Clocks) -> None:
        self._rows = rows
        self._lease_seconds = lease_seconds
        self._clocks = clocks
        self._renewed = asyncio.Condition()
        self._hurry = asyncio.Event()
        self.renewed_at = -math.inf
        self.held: frozenset[TopicPartition] = frozenset()

    @property
    def fresh(self) -> bool:
        """Whether the last renewal is so young that nobody else can have taken what it held."""
        return self._clocks.boot_seconds() - self.renewed_at < self._lease_seconds - RENEW_SECONDS

    def holds(self, partition: TopicPartition) -> bool:
        """Whether this process may take the partition over."""
        return self.fresh and partition in self.held

    async def keep(self) -> None:
        """Renews what is held and takes what is free, each second, until cancelled."""
        while True:
            try:
                await self.renew(starting=self.renewed_at == -math.inf)
            except StoreAway as error:
                log.warning("leases could not be renewed", error=repr(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(RENEW_SECONDS):
                    await self._hurry.wait()
            self._hurry.clear()

    async def renew(self, *, starting: bool = False) -> None:
        """Renews and takes leases once. When `starting`, those of an instance of the same name are taken back."""
        began = self._clocks.boot_seconds()
        held = await self._rows.renew(starting=starting)
        async with self._renewed:
            self.renewed_at, self.held = began, held
            self._renewed.notify_all()

    async def wait_for(self, partition: TopicPartition, since: float) -> None:
        """Waits until a renewal that began at `since` (on the clock of `boot_seconds`) or later holds the lease."""
        if self.renewed_at < since:
            self._hurry.set()
        async with self._renewed:
            await self._renewed.wait_for(lambda: self.renewed_at >= since and self.holds(partition))

    async def holders(self) -> dict[TopicPartition, str]:
        """Which instance holds each wanted partition's lease now, ours included."""
        return await self._rows.holders()

    async def release(self) -> None:
        """Gives all leases up, so that others need not wait for their end."""
        self.held = frozenset()
        await self._rows.release()


class LeaseTable:
    """The leases of one process as rows of Postgres, by whose clock they run out."""

    def __init__(
        self, pool: Pool, settings: Settings, wanted: Sequence[TopicPartition], instance: str | None = None
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._schema = settings.schema("decisions")
        self._wanted = list(wanted)
        self._instance = instance or settings.instance_name
        self._incarnation = str(uuid4())

    async def renew(self, *, starting: bool) -> frozenset[TopicPartition]:
        """Renews what is held and takes what is free; when `starting`, also what an instance of this name held."""
        async with asyncio.timeout(QUERY_SECONDS), self._pool.acquire(timeout=QUERY_SECONDS) as connection:
            found = await connection.fetch(
                f"""
                INSERT INTO {self._schema}.leases AS lease (topic, partition, instance, incarnation, url, renewed_at)
                SELECT topic, partition, $3, $4, $5, now()
                FROM unnest($1::text[], $2::integer[]) AS wanted (topic, partition) ORDER BY topic, partition
                ON CONFLICT (topic, partition) DO UPDATE
                SET instance = excluded.instance, incarnation = excluded.incarnation, url = excluded.url,
                    renewed_at = now()
                WHERE lease.incarnation = excluded.incarnation
                   OR lease.renewed_at < now() - make_interval(secs => $6)
                   OR ($7 AND lease.instance = excluded.instance)
                RETURNING topic, partition
                """,
                [each.topic for each in self._wanted],
                [each.partition for each in self._wanted],
                self._instance,
                self._incarnation,
                self._settings.command_url,
                self._settings.lease_seconds,
                starting,
            )
        return frozenset(TopicPartition(topic, partition) for topic, partition in found)

    async def holders(self) -> dict[TopicPartition, str]:
        """Which instance holds each wanted partition's lease now, ours included; those that ran out are left out."""
        async with asyncio.timeout(QUERY_SECONDS), self._pool.acquire(timeout=QUERY_SECONDS) as connection:
            found = await connection.fetch(
                f"""
                SELECT topic, partition, instance FROM {self._schema}.leases
                WHERE renewed_at >= now() - make_interval(secs => $1)
                """,
                self._settings.lease_seconds,
            )
        held = {TopicPartition(topic, partition): instance for topic, partition, instance in found}
        return {partition: held[partition] for partition in self._wanted if partition in held}

    async def release(self) -> None:
        """Gives all up."""
        async with asyncio.timeout(QUERY_SECONDS), self._pool.acquire(timeout=QUERY_SECONDS) as connection:
            await connection.execute(f"DELETE FROM {self._schema}.leases WHERE incarnation = $1", self._incarnation)
