"""The commit loop of a broker: takes what waits at its partitions, decides it, and appends it in one request."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import structlog
from aiokafka.structs import TopicPartition

from services.command.writing.appending import Outcome, build_batch
from services.command.writing.clocks import Clocks
from services.command.writing.decision_store import StoreAway
from services.command.writing.fetching import Fetching, fetch
from services.command.writing.partition_writer import PartitionWriter, Standing
from services.command.writing.surroundings import LogAppender, Store

STORE_PAUSE_SECONDS = 0.05
log = structlog.get_logger()


class CommitLoop:
    """Commits for the partitions that one broker leads. No request ever cancels it."""

    def __init__(self, node: int, appender: LogAppender, store: Store, clocks: Clocks) -> None:
        self._node = node
        self._appender = appender
        self._store = store
        self._clocks = clocks
        self._wake = asyncio.Event()
        self._writers: dict[TopicPartition, PartitionWriter] = {}

    def add(self, writer: PartitionWriter) -> None:
        """Commits for this writer from now on."""
        self._writers[writer.partition] = writer
        self._wake.set()

    def remove(self, writer: PartitionWriter) -> None:
        """Commits for this writer no more."""
        self._writers.pop(writer.partition, None)

    def wake(self) -> None:
        """Something waits."""
        self._wake.set()

    async def run(self) -> None:
        """Commits until cancelled. A fault of ours loses the partitions, which are then taken over from oneself."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.commit(self._writers.values())
            except Exception:
                log.exception("a commit loop failed", node=self._node)
                for writer in list(self._writers.values()):
                    writer.lose("a fault of ours")
            if any(writer.queue and writer.standing is Standing.SERVING for writer in self._writers.values()):
                self._wake.set()

    async def commit(self, writers: Iterable[PartitionWriter]) -> None:
        """Takes, decides, appends and answers one group of each partition that has something waiting."""
        opened: list[tuple[PartitionWriter, Fetching]] = []
        for writer in list(writers):
            writer.renew_claim_if_due()
            tenure, group = writer.tenure, writer.take()
            if tenure is not None and group is not None:
                opened.append(
                    (writer, Fetching(writer.partition, group, tenure.memory, writer.codec, tenure.flushed_offset))
                )
        if not opened:
            return
        try:
            await fetch(self._store, [fetching for _, fetching in opened])
        except StoreAway as error:
            await self._store_is_away(opened, error)
            return
        await self._decide_and_append(opened)

    async def _decide_and_append(self, opened: list[tuple[PartitionWriter, Fetching]]) -> None:
        now = self._clocks.now()
        batches: dict[TopicPartition, bytes] = {}
        for writer, fetching in opened:
            batch = self._decide(writer, fetching, now)
            if batch is not None:
                batches[writer.partition] = batch
        outcomes: dict[TopicPartition, Outcome] = {}
        if batches:
            outcomes = await self._appender.append(self._node, batches)
        for writer, fetching in opened:
            writer.conclude(fetching, outcomes.get(writer.partition))

    def _decide(self, writer: PartitionWriter, fetching: Fetching, now: datetime) -> bytes | None:
        """Decides a group; gives the batch to append, if any. A fault in the rules ends the group, never the loop."""
        group, tenure = fetching.group, writer.tenure
        if tenure is None or tenure.claim != group.claim:
            writer.abandon_group(group, "the partition was lost before this was decided")
            return None
        if fetching.outdated:
            writer.abandon_group(group, "the decision store has to catch up first")
            writer.lose("the store went back behind what had been flushed to it")
            return None
        try:
            group.decide_all(now)
            if not group.records:
                return None
            return build_batch(group.records, tenure.producer, tenure.sequence, int(now.timestamp() * 1000))
        except Exception:
            log.exception("a group could not be decided", partition=writer.partition)
            writer.abandon_group(group, "the group of this command could not be decided")
            return None

    async def _store_is_away(self, opened: list[tuple[PartitionWriter, Fetching]], error: BaseException) -> None:
        log.warning("the decision store did not answer", error=repr(error))
        for writer, fetching in opened:
            fetching.group.answer_confirmed()
            writer.abandon_group(fetching.group, "the decision store does not answer")
        await asyncio.sleep(STORE_PAUSE_SECONDS)
