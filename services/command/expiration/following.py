"""Follows the users' topic into the schedule, as a member of a consumer group: each partition has one follower."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition

from services.command.expiration.changes import changes_of
from services.command.expiration.connections import Connections
from services.command.expiration.metrics import FOLLOWED, LAG, LATENESS, UNREADABLE
from services.command.expiration.progress import Progress
from services.command.expiration.schedule import Place, Schedule
from shared.events.domain_event import Recorded
from shared.identifiers import StreamKind
from shared.log.claim_rule import Claimed, Undecodable, judge_record
from shared.log.consuming import end_consumer
from shared.log.identity import identity_of
from shared.postgres import AWAY
from shared.settings import Settings

GROUP = "status-expiration"
START_SECONDS = 15.0
POLL_MS = 200
POLL_SECONDS = 30.0
RECORDS_AT_ONCE = 2_000
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
TROUBLE_PAUSE_SECONDS = 30.0
EXPECTED = (*AWAY, KafkaError, AssertionError)
"""What ends a client: a dead one of aiokafka's says so by an AssertionError, or not at all."""
log = structlog.get_logger()


@dataclass(slots=True)
class Followed:
    """A partition and how far it was followed. `proven`: the log before that place is the one that was followed."""

    place: Place
    proven: bool


class Follower:
    """One member of the group. `partitions` are those that it was given.

    `on_change` is called when there may be other jobs. `trouble` tells, by partition, why it is not followed.
    """

    def __init__(self, settings: Settings, schedule: Schedule) -> None:
        self._settings = settings
        self._schedule = schedule
        self._look_again_at = 0.0
        self._stopping = asyncio.Event()
        self.on_change: Callable[[], None] = lambda: None
        self._followed: dict[TopicPartition, Followed] = {}
        self._unplaced: set[TopicPartition] = set()
        self.partitions: frozenset[TopicPartition] = frozenset()
        self.connected = False
        self.trouble: dict[TopicPartition, str] = {}

    async def run(self) -> None:
        """Follows until it is told to stop, each time with a client of its own when something surprises."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                await self._follow()
            except Exception as error:  # whatever it is: it starts again from the table's offset
                log.warning("the expiration starts again", error=repr(error), exc_info=not isinstance(error, EXPECTED))
                pause = FIRST_PAUSE_SECONDS if self.connected else min(pause * 2, LONGEST_PAUSE_SECONDS)
            finally:
                self.connected = False
                self.revoke()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()

    def stop(self) -> None:
        """Ends `run` soon. A client that is cancelled instead while it connects leaves its connection open."""
        self._stopping.set()

    async def _follow(self) -> None:
        consumer = self._new_consumer()
        connections, progress = Connections(consumer), Progress(consumer)
        try:
            async with asyncio.timeout(START_SECONDS):
                await consumer.start()
            consumer.subscribe([self._settings.topic(StreamKind.USERS)], listener=Assignments(self, consumer))
            while not self._stopping.is_set():
                await self._place_new(consumer)
                async with asyncio.timeout(POLL_SECONDS):
                    found = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_AT_ONCE)
                self.connected = not connections.any_lost()
                if not self.connected:
                    self._place_anew(consumer, *self._followed)
                    continue
                for partition, records in found.items():
                    await self._take(consumer, partition, records)
                await progress.tell({each: followed.place.next_offset for each, followed in self._followed.items()})
        finally:
            await end_consumer(consumer)

    def _new_consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap_servers,
            client_id=f"{self._settings.instance_name}-expiration",
            group_id=f"{self._settings.topic_prefix}{GROUP}",
            enable_auto_commit=False,  # the offset moves with the jobs, in Postgres
            auto_offset_reset="earliest",
            session_timeout_ms=6_000,
            heartbeat_interval_ms=500,
            rebalance_timeout_ms=5_000,
            request_timeout_ms=15_000,
            retry_backoff_ms=100,
            check_crcs=True,
        )

    def assign(self, partitions: frozenset[TopicPartition]) -> None:
        """These and no others are followed from now on, each from the table's offset."""
        self._followed.clear()
        self._unplaced = set(partitions)
        self.partitions = partitions
        self.trouble.clear()
        FOLLOWED.set(len(partitions))
        LAG.clear()
        self.on_change()

    def revoke(self) -> None:
        """Nothing is followed any more."""
        self.assign(frozenset())

    async def _place_new(self, consumer: AIOKafkaConsumer) -> None:
        now = asyncio.get_running_loop().time()
        if self.trouble and now >= self._look_again_at:
            self._look_again_at = now + TROUBLE_PAUSE_SECONDS
            self._unplaced |= self.trouble.keys()  # an operator may have made the schedule anew
            self.trouble.clear()
        while self._unplaced:
            partition = next(iter(self._unplaced))
            place = await self._schedule.place(partition)
            async with asyncio.timeout(START_SECONDS):
                end = (await consumer.end_offsets([partition]))[partition]
            if partition not in self._unplaced:
                continue  # it was taken away meanwhile
            self._unplaced.discard(partition)
            if place.next_offset > end:
                self._stop_at(consumer, partition, place)
                continue
            self._followed[partition] = Followed(place, proven=place.last_record is None)
            consumer.seek(partition, place.next_offset - (0 if place.last_record is None else 1))
            consumer.resume(partition)

    def _place_anew(self, consumer: AIOKafkaConsumer, *partitions: TopicPartition) -> None:
        consumer.pause(*partitions)
        for partition in partitions:
            self._followed.pop(partition, None)
            self._unplaced.add(partition)

    async def _take(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, records: Sequence[ConsumerRecord]
    ) -> None:
        followed = self._followed.get(partition)
        if followed is None:
            return  # it was taken away, or is not placed yet
        if not followed.proven:
            first, *records = records
            if (first.offset, identity_of(first.value)) != (followed.place.next_offset - 1, followed.place.last_record):
                self._stop_at(consumer, partition, followed.place)
                return
            followed.proven = True
        if records and records[0].offset != followed.place.next_offset:
            self._stop_at(consumer, partition, followed.place)  # what comes next is not there: it went on elsewhere
        elif records:
            await self._advance(consumer, partition, followed, records)

    async def _advance(
        self,
        consumer: AIOKafkaConsumer,
        partition: TopicPartition,
        followed: Followed,
        records: Sequence[ConsumerRecord],
    ) -> None:
        start = followed.place.next_offset
        events, end = read(records, followed.place)
        changes = changes_of(events)
        if not await self._schedule.advance(partition, start, end, changes):
            self._place_anew(consumer, partition)
            return
        followed.place = end
        for seconds in changes.lateness:
            LATENESS.observe(seconds)
        if changes.users:
            self.on_change()

    def _stop_at(self, consumer: AIOKafkaConsumer, partition: TopicPartition, place: Place) -> None:
        why = (
            f"the log went back, or lost its beginning: at offset {place.next_offset} it does not go on from what the "
            "schedule was made from. Restore the log, or make the schedule anew with `verbatim expirations --again`"
        )
        log.error("the expiration follows a partition no more", partition=partition, why=why)
        consumer.pause(partition)
        self._followed.pop(partition, None)
        self.trouble[partition] = why
        self._look_again_at = asyncio.get_running_loop().time() + TROUBLE_PAUSE_SECONDS


class Assignments(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Tells a follower what the group gave to it. No heartbeat is sent meanwhile: nothing is awaited here."""

    def __init__(self, follower: Follower, consumer: AIOKafkaConsumer) -> None:
        self._follower = follower
        self._consumer = consumer

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002  # all are, at each rebalance
        """Before each rebalance."""
        self._follower.revoke()

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """After it. Fetching may have begun already, from the wrong places: it waits until each was looked up."""
        self._consumer.pause(*assigned)
        self._follower.assign(frozenset(assigned))


def read(records: Sequence[ConsumerRecord], place: Place) -> tuple[list[Recorded], Place]:
    """The events that count in a stretch of the log, and the place behind it."""
    in_force, events = place.claim, []
    for record in records:
        match judge_record(record.offset, record.value, in_force):
            case Claimed(claim):
                in_force = claim
            case Recorded() as recorded:
                events.append(recorded)
            case Undecodable(reason):
                # The writer's own state is made from it too: at worst a job is stale, and the decider says so.
                UNREADABLE.inc()
                log.warning("the expiration cannot read a record", offset=record.offset, reason=reason)
            case _:
                pass  # void
    return events, Place(records[-1].offset + 1, in_force, identity_of(records[-1].value))
