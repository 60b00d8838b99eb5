"""Chooses records of the log to show: by topic, stream, type, time and offset, and whether they count."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.operator.verifying.log_reading import Extent, Going, LogReader
from services.operator.verifying.plain_records import (
    MalformedError,
    RawRecord,
    claim_of,
    is_claim,
    named_claim,
    read_json,
)


class NoSuchTopicError(Exception):
    """What is to be read from is not there; its name is the message."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records to show. Empty means all; times and offsets begin at `from` and end before `until`."""

    topics: tuple[str, ...]
    streams: tuple[str, ...]
    types: tuple[str, ...]
    from_time: datetime | None
    until_time: datetime | None
    from_offset: int
    until_offset: int | None
    void: bool

    def takes(self, record: RawRecord, envelope: dict[str, Any], *, counts: bool) -> bool:
        """Whether to show this one."""
        if not (counts or self.void):
            return False
        if record.offset < self.from_offset or (self.until_offset is not None and record.offset >= self.until_offset):
            return False
        return self._takes_stream(envelope) and self._takes_time(envelope)

    def _takes_stream(self, envelope: dict[str, Any]) -> bool:
        if self.streams and envelope.get("subject") not in self.streams:
            return False
        return not self.types or any(is_named(envelope.get("type"), name) for name in self.types)

    def _takes_time(self, envelope: dict[str, Any]) -> bool:
        if self.from_time is None and self.until_time is None:
            return True
        try:
            time = datetime.fromisoformat(str(envelope.get("time")))
        except ValueError:
            return False
        return (self.from_time is None or time >= self.from_time) and (
            self.until_time is None or time < self.until_time
        )


def is_named(recorded: Any, name: str) -> bool:
    """Whether a recorded type is the one that is named, in full or in short."""
    return recorded in (name, f"verbatim.{name}", f"verbatim.{name}.v1")


async def chosen(
    bootstrap_servers: str, topics: dict[str, str], wanted: Wanted, going: Going
) -> AsyncGenerator[dict[str, Any], None]:
    """The records wanted of these topics, by the kind of their streams; `going` says how far it is.

    Each with its place: topic, partition, offset, whether it counts if it does not, and its envelope.
    Raises NoSuchTopicError, before it gives anything.
    """
    async with LogReader(bootstrap_servers, going) as reader:
        extents = {topic: await _extents(reader, topic) for topic in (topics[kind] for kind in wanted.topics or topics)}
        going.total = sum(extent.end - extent.begin for each in extents.values() for extent in each.values())
        for topic, its_extents in extents.items():
            for number, extent in its_extents.items():
                in_force: tuple[int, int] | None = None
                async for batch in reader.batches(topic, number, extent):
                    for record in batch:
                        envelope, counts, in_force = judged(record, in_force)
                        if wanted.takes(record, envelope, counts=counts):
                            yield _shown(record, envelope, counts=counts)


async def _extents(reader: LogReader, topic: str) -> dict[int, Extent]:
    extents = await reader.extents(topic)
    if not extents:
        raise NoSuchTopicError(topic)
    return extents


def judged(record: RawRecord, in_force: tuple[int, int] | None) -> tuple[dict[str, Any], bool, tuple[int, int] | None]:
    """What a record says, whether it counts, and the claim in force after it."""
    try:
        envelope = read_json(record.value)
        if is_claim(envelope):
            return envelope, False, claim_of(record, envelope)
        return envelope, named_claim(envelope) == in_force, in_force
    except MalformedError as error:
        return {"malformed": str(error)}, False, in_force


def _shown(record: RawRecord, envelope: dict[str, Any], *, counts: bool) -> dict[str, Any]:
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    return {**place, **({} if counts else {"counts": False}), "event": envelope}
