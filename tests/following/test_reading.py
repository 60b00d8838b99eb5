"""What is read of the log, ahead of the tables."""

import asyncio

from services.projector.checkpoints import Checkpoint
from services.projector.reading import LogReader, Stretch
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.fixtures.names import somebody
from tests.fixtures.written_log import WrittenLog

LIMIT_SECONDS = 10.0


async def test_it_tells_how_long_all_that_was_read_is_whether_it_counts_or_not(
    service_settings: Settings, log: WrittenLog
) -> None:
    partition = log.partition(StreamKind.USERS, somebody())
    values = [b"no json", b"x" * 1_000, None, "é".encode() * 10]
    for each in values:
        await log.write_raw(partition, each, key=b"k")

    stretches: list[Stretch] = []
    async with asyncio.timeout(LIMIT_SECONDS), LogReader(service_settings, {partition: Checkpoint()}) as reader:
        while sum(each.records for each in stretches) < len(values):
            stretches += await reader.read()

    assert sum(each.size for each in stretches) == 7 + 1_000 + 20
