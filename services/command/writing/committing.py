"""The commit loop of a broker: takes what waits at its partitions, decides it, and appends it in one request."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial

import structlog
from aiokafka.structs import TopicPartition

from services.command.writing.appending import build_batch
from services.command.writing.clocks import Clocks
from services.command.writing.decision_store import StoreAway
from services.command.writing.fetching import Fetching, ask_whose, fetch
from services.command.writing.partition_writer import PartitionWriter
from services.command.writing.surroundings import LogAppender, Store

log = structlog.get_logger()

Opened = list[tuple[PartitionWriter, Fetching]]
"""Groups that were taken, with their partitions' writers."""


class CommitLoop:
    """Commits for the partitions that one broker leads. No request ever cancels it."""

    def __init__(self, node: int, appender: LogAppender, store: Store, clocks: Clocks) -> None:
        self._node = node
        self._appender = appender
        self._store = store
        self._clocks = clocks
        self._wake = asyncio.Event()
        self._writers: dict[TopicPartition, PartitionWriter] = {}
        self._aside: set[asyncio.Task[None]] = set()

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
        """Commits until cancelled. A fault of ours loses partitions, which are then taken over from oneself."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._losing_at_faults(partial(self.commit, self._writers.values()), self._writers.values())
                if any(writer.has_work for writer in self._writers.values()):
                    self._wake.set()
        finally:
            for task in self._aside:
                task.cancel()

    async def commit(self, writers: Iterable[PartitionWriter]) -> None:
        """Takes a group of each partition that has something waiting; decides, appends and answers it.

        Those that memory does not suffice for are committed aside, so that the others never wait for the store.
        """
        ready: Opened = []
        lacking: Opened = []
        for writer in list(writers):
            writer.renew_claim_if_due()
            tenure, group = writer.tenure, writer.take()
            if tenure is not None and group is not None:
                fetching = Fetching(writer.partition, group, tenure.memory, writer.codec, tenure.flushed_offset)
                fetching.want_all()
                (lacking if fetching.missing() else ready).append((writer, fetching))
        if lacking:
            self._do_aside(self._fetch_and_commit, lacking)
        if ready:
            await self._decide_and_append(ready)

    async def _fetch_and_commit(self, opened: Opened) -> None:
        try:
            await fetch(self._store, [fetching for _, fetching in opened])
        except StoreAway as error:
            self._store_is_away(opened, error)
            return
        await self._decide_and_append(opened)

    async def _decide_and_append(self, opened: Opened) -> None:
        now = self._clocks.now()
        batches: dict[TopicPartition, bytes] = {}
        for writer, fetching in opened:
            batch = self._decide(writer, fetching, now)
            if batch is not None:
                batches[writer.partition] = batch
        without = [(writer, fetching) for writer, fetching in opened if writer.partition not in batches]
        if without:
            self._do_aside(self._answer_without_append, without)
        if not batches:
            return
        outcomes = await self._appender.append(self._node, batches)
        for writer, fetching in opened:
            if writer.partition in batches:
                writer.conclude(fetching, outcomes[writer.partition])

    async def _answer_without_append(self, opened: Opened) -> None:
        """Answers groups that append nothing. They are true as long as nobody else has taken the partition over."""
        unasked = [(writer, fetching) for writer, fetching in opened if fetching.group.held_back and not fetching.asked]
        if unasked:
            try:
                await ask_whose(self._store, [fetching for _, fetching in unasked])
            except StoreAway as error:
                self._store_is_away(unasked, error)
        for writer, fetching in opened:
            writer.conclude(fetching, None)

    def _do_aside(self, work: Callable[[Opened], Awaitable[None]], opened: Opened) -> None:
        # A task may be cancelled before it begins: a coroutine that it was given to await would then never be awaited.
        doing = self._losing_at_faults(partial(work, opened), [writer for writer, _ in opened])
        task = asyncio.get_running_loop().create_task(doing)
        self._aside.add(task)
        task.add_done_callback(self._done_aside)

    def _done_aside(self, task: asyncio.Task[None]) -> None:
        self._aside.discard(task)
        self._wake.set()

    async def _losing_at_faults(self, work: Callable[[], Awaitable[None]], writers: Iterable[PartitionWriter]) -> None:
        try:
            await work()
        except Exception:
            log.exception("a commit loop failed", node=self._node)
            for writer in list(writers):
                writer.lose("a fault of ours")

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

    def _store_is_away(self, opened: Opened, error: BaseException) -> None:
        log.warning("the decision store did not answer", error=repr(error))
        for writer, fetching in opened:
            fetching.group.answer_confirmed()
            writer.abandon_group(fetching.group, "the decision store does not answer")
