"""Taking a partition over: fence, claim, shut out the last owner's flushes, and catch up with the log. In this order only."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka.structs import ConsumerRecord, TopicPartition

from services.command.knowing import ABSENT, WorkingCopy, empty_state, touched_rows
from services.command.writing.appending import Appended, Appender, build_batch
from services.command.writing.decision_store import Codec, DecisionStore, PartitionRow
from services.command.writing.groups import Rules, command_place, remember_command
from services.command.writing.metrics import TAKEOVERS, VOID_RECORDS
from services.command.writing.partition_writer import boot_seconds, name_of
from services.command.writing.remembering import Memory
from services.command.writing.tenure import Tenure
from shared.events.domain_event import Recorded
from shared.log.identity import identity_of
from shared.log.records import (
    NO_CLAIM,
    Claim,
    DecodedClaim,
    DecodedEvent,
    PartitionClaimed,
    UndecodableRecordError,
    decode_record,
    encode_claim,
)

CHUNK_RECORDS = 2_000
FLUSH_FROM_ROWS = 20_000

ReadRange = Callable[[TopicPartition, int, int], AsyncIterator[ConsumerRecord]]
"""Reads the records of a partition from an offset up to, and without, another."""


class ClaimNotWrittenError(Exception):
    """It is not known where the claim is in the log, if at all: nothing may be written under it. Fence and claim again."""


class NewerClaimError(Exception):
    """Somebody claimed after us: the partition is theirs."""


class StopError(Exception):
    """Going on could destroy what cannot be made again: only an operator's command goes on from here."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a takeover works with."""

    partition: TopicPartition
    rules: Rules
    codec: Codec
    store: DecisionStore
    appender: Appender
    read_range: ReadRange
    transactional_id: str
    writer: str


async def take_over(parts: Parts) -> tuple[Tenure, int]:
    """Takes the partition over; gives the tenure and the broker that leads the partition.

    Raises BrokerAwayError, ClaimNotWrittenError or one of StoreAway when it must be tried again, NewerClaimError when
    the partition is somebody else's, StopError when the log is not the one that the store was made from.
    """
    await _check_last_record(parts, await parts.store.partition_row(parts.partition))
    node = await parts.appender.leader(parts.partition)
    producer = await parts.appender.fence(parts.transactional_id)
    claimed_at = boot_seconds()
    now = datetime.now(UTC)
    value = encode_claim(PartitionClaimed(parts.writer, producer.epoch, now))
    batch = build_batch([(None, value)], producer, 0, int(now.timestamp() * 1000))
    outcome = (await parts.appender.append(node, {parts.partition: batch}))[parts.partition]
    if not isinstance(outcome, Appended):
        raise ClaimNotWrittenError(f"{name_of(parts.partition)}: {outcome.reason}")
    claim = Claim(outcome.offset, producer.epoch)
    if not await parts.store.fence(parts.partition, claim.offset):
        raise NewerClaimError(name_of(parts.partition))
    row = await _row_to_start_from(parts, claim)
    tenure = Tenure(claim, producer, row.next_offset, row.next_offset, row.last_record, claimed_at)
    await _catch_up(parts, tenure, row.claim)
    assert tenure.last_record == identity_of(value), "the log ends in another record than our claim"
    TAKEOVERS.inc()
    return tenure, node


async def _row_to_start_from(parts: Parts, claim: Claim) -> PartitionRow:
    """The store's row, read only after everybody else was shut out; all of the partition is forgotten if its form is old."""
    row = await parts.store.partition_row(parts.partition)
    await _check_last_record(parts, row)
    if row.format == parts.codec.format or row.next_offset == 0:
        return row
    if not await parts.store.forget(parts.partition, claim.offset, parts.codec.format):
        raise NewerClaimError(name_of(parts.partition))
    return PartitionRow(claim.offset, 0, NO_CLAIM, None, parts.codec.format)


async def _check_last_record(parts: Parts, row: PartitionRow) -> None:
    """Compares the record before the store's offset with the one in the log. Raises StopError when the log went back."""
    if row.next_offset == 0 or row.last_record is None:
        return
    async for record in parts.read_range(parts.partition, row.next_offset - 1, row.next_offset):
        if identity_of(record.value) == row.last_record:
            return
    msg = (
        f"the log of {name_of(parts.partition)} went back: the record at offset {row.next_offset - 1} is not the one that the "
        "decision store was made from. Nothing is appended. Restore the log, or accept what was lost with "
        "`verbatim decisions rebuild`"
    )
    raise StopError(msg)


async def _catch_up(parts: Parts, tenure: Tenure, in_force: Claim) -> None:
    """Follows the log from the store's offset up to and with the own claim, in chunks."""
    end = tenure.claim.offset + 1
    chunk: list[ConsumerRecord] = []
    async for record in parts.read_range(parts.partition, tenure.next_offset, end):
        chunk.append(record)
        if len(chunk) == CHUNK_RECORDS:
            in_force = await _follow(parts, tenure, in_force, chunk)
            chunk = []
    await _follow(parts, tenure, in_force, chunk)
    if tenure.next_offset != end:
        msg = f"the log of {name_of(parts.partition)} ends at {tenure.next_offset}, before the claim at {tenure.claim.offset}"
        raise ClaimNotWrittenError(msg)


async def _follow(parts: Parts, tenure: Tenure, in_force: Claim, chunk: list[ConsumerRecord]) -> Claim:
    if not chunk:
        return in_force
    counted: list[tuple[int, Recorded]] = []
    for record in chunk:
        decoded = _decoded(parts.partition, record, in_force)
        if isinstance(decoded, DecodedClaim):
            in_force = Claim(record.offset, decoded.claimed.epoch)
        elif decoded is not None and decoded.claim == in_force:
            counted.append((record.offset, decoded.recorded))
        else:
            VOID_RECORDS.inc()
    copy = await _fetched(parts, tenure.memory, counted)
    for offset, recorded in counted:
        _apply(parts, tenure.memory, copy, offset, recorded)
    tenure.next_offset = chunk[-1].offset + 1
    tenure.last_record = identity_of(chunk[-1].value)
    if len(tenure.memory.dirty_rows) >= FLUSH_FROM_ROWS:
        await _flush(parts, tenure, in_force)
    return in_force


def _decoded(partition: TopicPartition, record: ConsumerRecord, in_force: Claim) -> DecodedEvent | DecodedClaim | None:
    try:
        return decode_record(record.value)
    except UndecodableRecordError as error:
        if not _names_claim(record.value, in_force):
            return None  # nobody who writes under the claim in force wrote this: it does not count
        msg = (
            f"the record at offset {record.offset} of {name_of(partition)} counts, but this version cannot read it ({error}): "
            "start a version that can"
        )
        raise StopError(msg) from error


def _names_claim(value: bytes | None, claim: Claim) -> bool:
    try:
        envelope = json.loads(value or b"")
    except ValueError:
        return False
    return isinstance(envelope, dict) and envelope.get("claim") == str(claim)


async def _fetched(parts: Parts, memory: Memory, counted: list[tuple[int, Recorded]]) -> WorkingCopy:
    copy = WorkingCopy()
    streams, rows = {}, {}
    for _, recorded in counted:
        if not memory.capture_stream(recorded.stream_id, copy):
            streams[recorded.stream_id] = parts.codec
        places = [(recorded.stream_id, kind.name, key) for kind, key in touched_rows(recorded, parts.rules.deciders)]
        for place in (*places, command_place(recorded.stream_id, recorded.command_id)):
            if not memory.capture_row(place, copy):
                rows[place] = parts.codec
    found = await parts.store.fetch(streams, rows, [])
    for stream_id in streams:
        copy.streams[stream_id] = found.streams.get(stream_id) or empty_state(parts.rules.deciders)
    for place in rows:
        copy.rows[place] = found.rows.get(place) or ABSENT
    return copy


def _apply(parts: Parts, memory: Memory, copy: WorkingCopy, offset: int, recorded: Recorded) -> None:
    known = copy.streams[recorded.stream_id].version
    if recorded.version <= known:
        return
    if recorded.version != known + 1:
        msg = (
            f"the log of {name_of(parts.partition)} has version {recorded.version} of stream {recorded.stream_id} at offset "
            f"{offset}, where {known + 1} was due: run `verbatim verify`"
        )
        raise StopError(msg)
    rows = copy.apply([recorded], parts.rules.deciders)
    rows.append(remember_command(copy, parts.rules, recorded, offset))
    memory.keep(copy, [recorded.stream_id], rows)


async def _flush(parts: Parts, tenure: Tenure, in_force: Claim) -> None:
    changed = tenure.memory.unflushed()
    done = await parts.store.flush(
        parts.partition,
        parts.codec,
        changed,
        fence=tenure.claim.offset,
        start=tenure.flushed_offset,
        end=tenure.next_offset,
        claim=in_force,
        last_record=tenure.last_record,
    )
    if not done:
        raise NewerClaimError(name_of(parts.partition))
    tenure.flushed_offset = tenure.next_offset
    tenure.memory.flushed(changed)
