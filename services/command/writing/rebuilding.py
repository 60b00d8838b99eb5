"""Makes the decision store of partitions anew from the log, as their owner: under their leases, fenced and claimed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Protocol

from aiokafka.structs import ConsumerRecord, TopicPartition

from services.command.deciding import Decider
from services.command.writing.appending import Appender, BrokerAwayError
from services.command.writing.clocks import MACHINE
from services.command.writing.decision_store import Codec, DecisionStore, StoreAway
from services.command.writing.groups import Rules
from services.command.writing.leases import Leases, LeaseTable
from services.command.writing.partition_writer import PartitionWriter, name_of
from services.command.writing.surroundings import LogReading
from services.command.writing.taking_over import (
    ClaimNotWrittenError,
    Parts,
    StopError,
    StoreWentBackError,
    take_over,
)
from services.command.writing.tenure import transactional_id_of
from shared.identifiers import StreamKind
from shared.log.consuming import LogUnreachableError
from shared.log.reading import LogReader
from shared.postgres import Pool
from shared.settings import Settings

IN_THE_WAY = (BrokerAwayError, LogUnreachableError, ClaimNotWrittenError, StoreWentBackError, StopError, *StoreAway)


class CannotRebuildError(Exception):
    """It cannot be done now; the message says why and what to do."""


class Progress(Protocol):
    """How far it is, in records."""

    total: int
    done: int


async def rebuild_partitions(
    settings: Settings,
    pool: Pool,
    deciders: Sequence[Decider],
    chosen: Sequence[TopicPartition],
    instance: str,
    progress: Progress,
    *,
    taking_over: bool = False,
) -> AsyncGenerator[tuple[TopicPartition, int]]:
    """Makes one partition after the other anew; gives each that is done, and the end of its log. Keeps `progress`.

    When `taking_over`, what a running process of the same `instance` holds is taken from it, as by a successor, and it
    may take it back at the end. Raises CannotRebuildError, before anything has changed when somebody else holds one of
    the leases.
    """
    leases = Leases(LeaseTable(pool, settings, chosen, instance), settings.lease_seconds, MACHINE)
    appender = Appender(settings.kafka_bootstrap_servers, [settings.topic(kind) for kind in StreamKind], instance)
    reader = LogReader(settings.kafka_bootstrap_servers, instance)
    keeping: asyncio.Task[None] | None = None
    try:
        await _take_all(leases, chosen, taking_over=taking_over)
        keeping = asyncio.create_task(leases.keep())
        ends = await reader.end_offsets(chosen)
        progress.total = sum(ends.values())
        for partition in chosen:
            rebuilding = _Rebuilding(settings, pool, deciders, partition, leases)
            yield partition, await rebuilding.run(appender, _Counting(reader, ends, progress), instance)
    except IN_THE_WAY as error:
        raise CannotRebuildError(f"the decision store could not be made anew: {error}") from error
    finally:
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        with suppress(*StoreAway):  # they run out by themselves
            await leases.release()
        await appender.reset()
        await reader.close()


async def _take_all(leases: Leases, chosen: Sequence[TopicPartition], *, taking_over: bool) -> None:
    await leases.renew(starting=taking_over)
    others = {instance for each, instance in (await leases.holders()).items() if each not in leases.held}
    if others or not leases.held >= set(chosen):
        raise CannotRebuildError(
            f"the partitions are being written by {', '.join(sorted(others)) or 'another process'}: stop the command "
            "service first and wait until its leases have run out, or say --take-over, with its name as INSTANCE_NAME"
        )


async def rebuild_partition(parts: Parts, may_fence: Callable[[], Awaitable[None]]) -> int:
    """Takes a partition over with everything forgotten, catches up and flushes; gives the end of its log."""
    tenure, node = await take_over(parts, may_fence, rebuilding=True)
    writer = PartitionWriter(parts.partition, parts.rules, parts.codec, parts.store, parts.clocks, 0, float("inf"))
    writer.serve(tenure, node)
    await writer.flush()
    writer.leave()
    return tenure.next_offset


class _Counting:
    """Reads the log and counts what of it was there at first; not single records, which a takeover looks at besides."""

    def __init__(self, reader: LogReader, ends: Mapping[TopicPartition, int], progress: Progress) -> None:
        self._reader, self._ends, self._progress = reader, ends, progress

    async def read_range(self, partition: TopicPartition, start: int, end: int) -> AsyncGenerator[ConsumerRecord]:
        async with aclosing(self._reader.read_range(partition, start, end)) as records:
            async for record in records:
                self._progress.done += end - start > 1 and record.offset < self._ends[partition]
                yield record

    async def close(self) -> None:
        await self._reader.close()


class _Rebuilding:
    """One partition, with what it is taken over by."""

    def __init__(
        self, settings: Settings, pool: Pool, deciders: Sequence[Decider], partition: TopicPartition, leases: Leases
    ) -> None:
        kind = next(kind for kind in StreamKind if settings.topic(kind) == partition.topic)
        self._settings, self._partition, self._leases = settings, partition, leases
        self._rules = Rules.of(kind, deciders)
        self._store = DecisionStore(pool, settings.schema("decisions"))

    async def run(self, appender: Appender, reader: LogReading, instance: str) -> int:
        codec = Codec(self._rules.deciders)
        parts = Parts(
            self._partition,
            self._rules,
            codec,
            self._store,
            appender,
            reader,
            MACHINE,
            transactional_id_of(self._settings, self._partition),
            instance,
        )
        return await rebuild_partition(parts, self._may_fence)

    async def _may_fence(self) -> None:
        if not self._leases.holds(self._partition):
            raise CannotRebuildError(f"the lease of {name_of(self._partition)} was lost: try again")
