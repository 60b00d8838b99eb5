"""Follows `chat.presence` into `last_seen`, beside the log.

The topic is compacted, so its offsets have gaps; it has no claims; and it is no record of anything: where it is not the
one that was followed before, it is followed from its beginning.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog
from aiokafka.structs import ConsumerRecord

from services.projector.checkpoints import Checkpoint, Holding, Move, checkpoints_of, move
from services.projector.metrics import LAG
from services.projector.projections.last_seen import forget_everybody, note
from shared.identifiers import UserId
from shared.log.consuming import LogConsumer
from shared.log.identity import identity_of
from shared.log.presence import UndecodablePresenceError, decode_last_seen, presence_partition
from shared.log.records import NO_CLAIM
from shared.postgres import Pool
from shared.settings import Settings

CLIENT_ID = "verbatim-following-presence"
POLL_MS = 1_000
FETCH_WAIT_MS = 500
ANSWER_SECONDS = 10.0
RECORDS_AT_ONCE = 5_000
AGAIN_SECONDS = 2.0
FROM_THE_BEGINNING = Checkpoint()
log = structlog.get_logger()


class PresenceFollower:
    """Follows into the schema that the pool's connections see. With `until`, it takes no record at or beyond.

    `next_offset`: how far the table is. `caught_up`: it has all that was seen in the topic. `failures`: how often
    something was the matter. It calls `changed` whenever the first two may be others.
    """

    def __init__(
        self, settings: Settings, pool: Pool, until: int | None = None, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.partition = presence_partition(settings)
        self.next_offset = 0
        self.caught_up = False
        self.failures = 0
        self._settings = settings
        self._pool = pool
        self._until = until
        self._changed = changed

    async def follow(self, holding: Holding) -> None:
        """Follows as long as this holding stands, whatever is the matter with the topic meanwhile."""
        while True:
            try:
                if not await self._follow(holding):
                    return
            except Exception as error:  # noqa: BLE001  # whatever it is, the log is followed all the same
                self.failures += 1
                log.info("presence cannot be followed right now", error=repr(error))
            finally:
                self.caught_up = False
            await asyncio.sleep(AGAIN_SECONDS)

    async def _follow(self, holding: Holding) -> bool:
        """False: the holding does not stand any more. True: begin again, from what the table has."""
        consumer = LogConsumer(
            self._settings.kafka_bootstrap_servers,
            CLIENT_ID,
            fetch_wait_ms=FETCH_WAIT_MS,
            answer_seconds=ANSWER_SECONDS,
        )
        try:
            await consumer.open()
            end = (await consumer.end_offsets([self.partition]))[self.partition]
            checkpoint = await self._checkpoint()
            if end < checkpoint.next_offset:
                return await self._begin_anew(checkpoint, holding)
            return await self._read_on(consumer, checkpoint, end, holding)
        finally:
            await consumer.close()

    async def _checkpoint(self) -> Checkpoint:
        async with self._pool.acquire(timeout=2.0) as connection:
            checkpoint = (await checkpoints_of(connection, [self.partition]))[self.partition]
        self.next_offset = checkpoint.next_offset
        return checkpoint

    async def _read_on(self, consumer: LogConsumer, checkpoint: Checkpoint, end: int, holding: Holding) -> bool:
        # One record before the checkpoint, where there is one and it was not compacted away: it must be the same.
        consumer.start_at({self.partition: max(0, checkpoint.next_offset - 1)})
        while True:
            self._note_end(end)
            records = (await consumer.records(POLL_MS, RECORDS_AT_ONCE)).get(self.partition, [])
            end = max(end, consumer.log_end(self.partition))
            if _is_another(records, checkpoint):
                return await self._begin_anew(checkpoint, holding)
            later = self._reached(records, checkpoint)
            if later is not None:
                if not await self._apply(_last_of_each(self._wanted(records, checkpoint)), checkpoint, later, holding):
                    return False
                checkpoint = later

    def _note_end(self, end: int) -> None:
        self.caught_up = self.next_offset >= end
        LAG.labels(f"{self.partition.topic}-{self.partition.partition}").set(max(0, end - self.next_offset))
        self._changed()

    def _wanted(self, records: Sequence[ConsumerRecord], checkpoint: Checkpoint) -> Sequence[ConsumerRecord]:
        return [
            each
            for each in records
            if each.offset >= checkpoint.next_offset and (self._until is None or each.offset < self._until)
        ]

    def _reached(self, records: Sequence[ConsumerRecord], checkpoint: Checkpoint) -> Checkpoint | None:
        """Where the table is once these are in it; None: no further. What was compacted away is not waited for."""
        wanted = self._wanted(records, checkpoint)
        if self._until is not None and records and records[-1].offset >= self._until > checkpoint.next_offset:
            return Checkpoint(self._until, NO_CLAIM, None)
        return Checkpoint(wanted[-1].offset + 1, NO_CLAIM, identity_of(wanted[-1].value)) if wanted else None

    async def _apply(
        self, last_seen: dict[UserId, datetime | None], start: Checkpoint, to: Checkpoint, holding: Holding
    ) -> bool:
        async with self._pool.acquire(timeout=2.0) as connection, connection.transaction():
            if not await move(connection, holding, [Move(self.partition, start.next_offset, to)]):
                return False
            await note(connection, last_seen)
        self.next_offset = to.next_offset
        return True

    async def _begin_anew(self, checkpoint: Checkpoint, holding: Holding) -> bool:
        log.warning("presence is not the topic that was followed: it is followed from its beginning")
        async with self._pool.acquire(timeout=2.0) as connection, connection.transaction():
            start = Move(self.partition, checkpoint.next_offset, FROM_THE_BEGINNING)
            if not await move(connection, holding, [start]):
                return False
            await forget_everybody(connection)
        return True


def _is_another(records: Sequence[ConsumerRecord], checkpoint: Checkpoint) -> bool:
    """Whether the record before the checkpoint is there and is not the one that the table was made from."""
    if not records or checkpoint.last_record is None or records[0].offset != checkpoint.next_offset - 1:
        return False
    return identity_of(records[0].value) != checkpoint.last_record


def _last_of_each(records: Iterable[ConsumerRecord]) -> dict[UserId, datetime | None]:
    last_seen: dict[UserId, datetime | None] = {}
    for record in records:
        try:
            user_id, seen_at = decode_last_seen(record.key, record.value)
        except UndecodablePresenceError as error:
            log.warning("a record of presence cannot be read", offset=record.offset, reason=str(error))
        else:
            last_seen[user_id] = seen_at
    return last_seen
