"""Writers of the tests' own: each test has its topics, its database and as many writers as it wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.structs import ConsumerRecord, TopicPartition

from services.command.deciding import Decider
from services.command.writing.serving import Writers
from services.command.writing.surroundings import kafka_and_postgres
from shared.events.domain_event import Recorded
from shared.identifiers import StreamId, StreamKind
from shared.log.claim_rule import Claimed, judge_record
from shared.log.reading import LogReader
from shared.log.records import NO_CLAIM
from shared.log.topics import ensure_topics, partition_of
from shared.postgres import Pool, open_pool
from shared.settings import Settings
from tests.writing.notes import DECIDER

PARTITIONS = 2


async def until(holds: Callable[[], bool | Awaitable[bool]], seconds: float = 15.0) -> None:
    """Waits until something holds; fails when it does not in time."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.02)


@dataclass
class Corner:
    """A test's own corner of the run's servers."""

    settings: Settings
    pool: Pool
    reader: LogReader
    started: list[Writers] = field(default_factory=list)

    async def writers(
        self, name: str = "one", *, deciders: tuple[Decider, ...] = (DECIDER,), waiting: bool = False, **settings: Any
    ) -> Writers:
        """Writers as a process of this name has them. They serve everything, unless they are to wait for the leases."""
        own = replace(self.settings, instance_name=name, **settings)
        made = Writers(own, kafka_and_postgres(own, self.pool), deciders)
        self.started.append(made)
        await made.start()
        if not waiting:
            await until(lambda: len(made.serving) == len(made.wanted))
        return made

    async def kill(self, writers: Writers) -> None:
        """Ends writers as a crash would: nothing is flushed and nothing given up."""
        self.started.remove(writers)
        for task in writers._tasks:
            task.cancel()
        await asyncio.gather(*writers._tasks, return_exceptions=True)
        await writers._appender.reset()
        await writers._reader.close()

    def partition(self, board: str) -> TopicPartition:
        """Where a board is."""
        return TopicPartition(self.settings.topic(StreamKind.CONVERSATIONS), partition_of(board, PARTITIONS))

    async def log_of(self, board: str) -> list[ConsumerRecord]:
        """Every record of the board's partition."""
        partition = self.partition(board)
        end = (await self.reader.end_offsets([partition]))[partition]
        return [record async for record in self.reader.read_range(partition, 0, end)]

    async def counted(self, board: str) -> list[Recorded]:
        """What counts of the board in the log, by the claim rule."""
        in_force, found = NO_CLAIM, []
        for record in await self.log_of(board):
            judged = judge_record(record.offset, record.value, in_force)
            if isinstance(judged, Claimed):
                in_force = judged.claim
            elif isinstance(judged, Recorded) and judged.stream_id == board:
                found.append(judged)
        return found

    async def store_row(self, board: str) -> Any:
        """The row of the board's partition in the decision store."""
        return await self.pool.fetchrow(
            "SELECT * FROM decisions.partitions WHERE topic = $1 AND partition = $2", *self.partition(board)
        )

    async def flushed(self, board: str) -> bool:
        """Whether the store has caught up with the log of the board."""
        row = await self.store_row(board)
        partition = self.partition(board)
        end = (await self.reader.end_offsets([partition]))[partition]
        return bool(row["next_offset"] == end)


@pytest.fixture
async def corner(kafka_bootstrap: str, database_url: str, topic_prefix: str) -> AsyncIterator[Corner]:
    """Topics and a database of the test's own; what it started is stopped after it."""
    settings = Settings(
        kafka_bootstrap_servers=kafka_bootstrap,
        database_url=database_url,
        topic_prefix=topic_prefix,
        partitions=PARTITIONS,
        cluster_name=topic_prefix,
        lease_seconds=2.5,
        kafka_flush_each_append=False,
    )
    pool = await open_pool(settings)
    reader = LogReader(kafka_bootstrap)
    await ensure_topics(settings)
    made = Corner(settings, pool, reader)
    yield made
    for writers in made.started:
        await writers.stop()
    await reader.close()
    await pool.close()


@pytest.fixture
def board() -> StreamId:
    """A board nobody has written on."""
    return StreamId(str(uuid4()))
