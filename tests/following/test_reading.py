"""What is read of the log, ahead of the tables."""

import asyncio

import pytest
from aiokafka.structs import TopicPartition

from services.projector.checkpoints import Checkpoint
from services.projector.reading import LogReader, Placed, Stretch
from shared.events.people import DisplayNameChanged
from shared.identifiers import CommandId, StreamKind
from shared.log.records import Claim, encode_record
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

    stretches = await _read(service_settings, partition, len(values))
    assert sum(each.size for each in stretches) == 7 + 1_000 + 20


async def test_each_event_has_its_own_place_however_what_was_read_is_cut(
    service_settings: Settings, log: WrittenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.projector.reading.RECORDS_AT_ONCE", 7)
    monkeypatch.setattr("services.projector.reading.RECORDS_AT_A_TIME", 3)
    ada = somebody()
    partition = log.partition(StreamKind.USERS, ada)
    events: list[Placed] = []
    unreadable: list[tuple[int, Claim]] = []
    for number in range(12):
        claim = await log.claim(partition)
        for part in "ab":
            recorded = log.recorded(ada, DisplayNameChanged(f"{number}{part}"), CommandId(""), 0, "", counts=True)
            value = encode_record(recorded, claim)
            offset = (await log.write_raw(partition, value)).offset
            events.append(Placed(partition, offset, value, claim, recorded, ada))
        await log.write(StreamKind.USERS, ada, DisplayNameChanged("void"), claim=Claim(claim.offset, claim.epoch - 1))
        unreadable.append(((await log.write_raw(partition, f"no json {number}".encode())).offset, claim))

    first, *later = await _read(service_settings, partition, log.ends[partition])
    for each in later:
        first.go_on_with(each)
    assert later
    assert list(first.placed()) == events
    assert [(each.offset, each.claim) for each in first.undecodable] == unreadable


async def test_it_reads_up_to_an_offset_and_not_beyond_although_more_is_there(
    service_settings: Settings, log: WrittenLog
) -> None:
    partition = log.partition(StreamKind.USERS, somebody())
    for number in range(9):
        await log.write_raw(partition, b"no json", key=f"{number}".encode())

    stretches = await _read(service_settings, partition, 6, until=6)
    assert [each.offset for stretch in stretches for each in stretch.undecodable] == [0, 1, 2, 3, 4, 5]
    assert stretches[-1].end.next_offset == 6


async def _read(
    settings: Settings, partition: TopicPartition, records: int, *, until: int | None = None
) -> list[Stretch]:
    """What is given of a partition, at least so many records."""
    stretches: list[Stretch] = []
    limits = None if until is None else {partition: until}
    async with asyncio.timeout(LIMIT_SECONDS), LogReader(settings, {partition: Checkpoint()}, limits) as reader:
        while sum(each.records for each in stretches) < records:
            stretches += await reader.read()
    return stretches
