"""Taking a partition over: fence, claim, shut out the last owner's flushes, catch up with the log. In this order."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from aiokafka.structs import ConsumerRecord, TopicPartition

from services.command.knowing import ABSENT, WorkingCopy, empty_state, touched_rows
from services.command.writing.appending import Appended, NotAppended, ProducerIdentity, build_batch
from services.command.writing.clocks import Clocks
from services.command.writing.decision_store import Codec, Coverage, PartitionRow
from services.command.writing.groups import Rules, command_place, remember_command
from services.command.writing.metrics import TAKEOVERS, VOID_RECORDS
from services.command.writing.partition_writer import name_of
from services.command.writing.remembering import Memory
from services.command.writing.surroundings import LogAppender, LogReading, Store
from services.command.writing.tenure import Tenure
from shared.events.domain_event import Recorded
from shared.log.claim_rule import Claimed, Undecodable, Void, judge_record
from shared.log.identity import identity_of
from shared.log.records import NO_CLAIM, Claim, PartitionClaimed, encode_claim

CHUNK_RECORDS = 2_000
FLUSH_FROM_ROWS = 20_000


class ClaimNotWrittenError(Exception):
    """It is not known where the claim is in the log, if at all: nothing may be written under it. Claim again."""


class NewerClaimError(Exception):
    """Somebody claimed after us: the partition is theirs."""


class StoreWentBackError(Exception):
    """The store lost what had been flushed to it while the log was followed: begin anew from what it has now."""


class StopError(Exception):
    """Going on could destroy what cannot be made again: only an operator's command goes on from here."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a takeover works with."""

    partition: TopicPartition
    rules: Rules
    codec: Codec
    store: Store
    appender: LogAppender
    reader: LogReading
    clocks: Clocks
    transactional_id: str
    writer: str


async def take_over(
    parts: Parts, may_fence: Callable[[], Awaitable[None]], *, rebuilding: bool = False
) -> tuple[Tenure, int]:
    """Takes the partition over; gives the tenure and the broker that leads the partition.

    `may_fence` is waited for just before the fence; it raises when it must not be.
    `rebuilding`: an operator wants all that the store has of the partition made anew, whatever the log has become.
    Raises BrokerAwayError, LogUnreachableError, ClaimNotWrittenError, StoreWentBackError or one of StoreAway when it
    must be tried again, NewerClaimError when the partition is somebody else's, StopError when the log is not the one
    that the store was made from.
    """
    row = await parts.store.partition_row(parts.partition)
    if not rebuilding:
        await _check_last_record(parts, row)
    node = await parts.appender.leader(parts.partition)
    await may_fence()
    producer = await parts.appender.fence(parts.transactional_id)
    claimed_at = parts.clocks.boot_seconds()
    claim, value = await _claimed(parts, node, producer)
    if rebuilding and row.fence >= claim.offset:
        await parts.store.unfence(parts.partition)
    if not await parts.store.fence(parts.partition, claim.offset):
        raise await _not_fenced(parts)
    row = await _row_to_start_from(parts, claim, rebuilding=rebuilding)
    tenure = Tenure(claim, producer, row.next_offset, row.next_offset, row.last_record, claimed_at)
    await _catch_up(parts, tenure, row.claim)
    if tenure.last_record != identity_of(value):
        raise ClaimNotWrittenError(f"{name_of(parts.partition)}: the log has lost the claim")
    TAKEOVERS.inc()
    return tenure, node


async def _not_fenced(parts: Parts) -> Exception:
    """Somebody's claim is newer than ours; unless the log does not reach so far any more."""
    fence = (await parts.store.partition_row(parts.partition)).fence
    async with aclosing(parts.reader.read_range(parts.partition, fence, fence + 1)) as records:
        if [record async for record in records]:
            return NewerClaimError(name_of(parts.partition))
    return _went_back(parts, f"it ends before the claim at offset {fence}, which the decision store knows")


async def _claimed(parts: Parts, node: int, producer: ProducerIdentity) -> tuple[Claim, bytes]:
    now = parts.clocks.now()
    value = encode_claim(PartitionClaimed(parts.writer, producer.epoch, now))
    batch = build_batch([(None, value)], producer, 0, int(now.timestamp() * 1000))
    outcome = (await parts.appender.append(node, {parts.partition: batch}))[parts.partition]
    if isinstance(outcome, Appended):
        return Claim(outcome.offset, producer.epoch), value
    if isinstance(outcome, NotAppended) and outcome.fenced:
        raise NewerClaimError(name_of(parts.partition))
    raise ClaimNotWrittenError(f"{name_of(parts.partition)}: {outcome.reason}")


async def _row_to_start_from(parts: Parts, claim: Claim, *, rebuilding: bool) -> PartitionRow:
    """The store's row, read after everybody else was shut out; all of the partition is forgotten if its form is old."""
    row = await parts.store.partition_row(parts.partition)
    if row.next_offset == 0:
        return row
    if not rebuilding:
        await _check_last_record(parts, row)
        if row.format == parts.codec.format:
            return row
    if not await parts.store.forget(parts.partition, claim.offset, parts.codec.format):
        raise NewerClaimError(name_of(parts.partition))
    return PartitionRow(claim.offset, 0, NO_CLAIM, None, parts.codec.format)


async def _check_last_record(parts: Parts, row: PartitionRow) -> None:
    """Compares the record before the store's offset with the log's. Raises StopError when the log went back."""
    if row.next_offset == 0 or row.last_record is None:
        return
    async with aclosing(parts.reader.read_range(parts.partition, row.next_offset - 1, row.next_offset)) as records:
        found = [identity_of(record.value) async for record in records]
    if found == [row.last_record]:
        return
    raise _went_back(
        parts, f"the record at offset {row.next_offset - 1} is not the one that the decision store was made from"
    )


def _went_back(parts: Parts, how: str) -> StopError:
    return StopError(
        f"the log of {name_of(parts.partition)} went back: {how}. Nothing is appended. Restore the log, or accept what "
        "was lost with `verbatim decisions rebuild`"
    )


async def _catch_up(parts: Parts, tenure: Tenure, in_force: Claim) -> None:
    """Follows the log from the store's offset up to and with the own claim, in chunks."""
    end = tenure.claim.offset + 1
    chunk: list[ConsumerRecord] = []
    async with aclosing(parts.reader.read_range(parts.partition, tenure.next_offset, end)) as records:
        async for record in records:
            if record.offset == tenure.claim.offset:
                in_force, chunk = await _follow(parts, tenure, in_force, chunk), []
                tenure.succeeds = in_force
            chunk.append(record)
            if len(chunk) == CHUNK_RECORDS:
                in_force = await _follow(parts, tenure, in_force, chunk)
                chunk = []
    await _follow(parts, tenure, in_force, chunk)
    if tenure.next_offset != end:
        raise ClaimNotWrittenError(
            f"the log of {name_of(parts.partition)} ends at {tenure.next_offset}, before the claim"
        )


async def _follow(parts: Parts, tenure: Tenure, in_force: Claim, chunk: list[ConsumerRecord]) -> Claim:
    if not chunk:
        return in_force
    in_force, counted = _counted(parts.partition, chunk, in_force)
    copy = await _fetched(parts, tenure, counted)
    for offset, recorded in counted:
        _apply(parts, tenure.memory, copy, offset, recorded)
    tenure.next_offset = chunk[-1].offset + 1
    tenure.last_record = identity_of(chunk[-1].value)
    if len(tenure.memory.dirty_rows) >= FLUSH_FROM_ROWS:
        await _flush(parts, tenure, in_force)
    return in_force


def _counted(
    partition: TopicPartition, chunk: list[ConsumerRecord], in_force: Claim
) -> tuple[Claim, list[tuple[int, Recorded]]]:
    """What counts in a chunk, and the claim in force after it. Raises StopError for what counts but cannot be read."""
    counted: list[tuple[int, Recorded]] = []
    for record in chunk:
        judged = judge_record(record.offset, record.value, in_force)
        match judged:
            case Claimed(claim):
                in_force = claim
            case Recorded() as recorded:
                counted.append((record.offset, recorded))
            case Void():
                VOID_RECORDS.inc()
            case Undecodable(reason, _, names_claim):
                if names_claim:
                    msg = (
                        f"the record at offset {record.offset} of {name_of(partition)} counts, but this version cannot "
                        f"read it ({reason}): start a version that can"
                    )
                    raise StopError(msg)
                VOID_RECORDS.inc()
    return in_force, counted


async def _fetched(parts: Parts, tenure: Tenure, counted: list[tuple[int, Recorded]]) -> WorkingCopy:
    copy, memory = WorkingCopy(), tenure.memory
    streams, rows, topic = {}, {}, parts.partition.topic
    for _, recorded in counted:
        if not memory.capture_stream(recorded.stream_id, copy):
            streams[topic, recorded.stream_id] = parts.codec
        places = [(recorded.stream_id, kind.name, key) for kind, key in touched_rows(recorded, parts.rules.deciders)]
        for place in (*places, command_place(recorded.stream_id, recorded.command_id)):
            if not memory.capture_row(place, copy):
                rows[topic, place] = parts.codec
    found = await parts.store.fetch(streams, rows, [parts.partition])
    _check_coverage(parts.partition, tenure, found.covered.get(parts.partition))
    for at, stream_id in streams:
        copy.streams[stream_id] = found.streams.get((at, stream_id)) or empty_state(parts.rules.deciders)
    for at, place in rows:
        copy.rows[place] = found.rows.get((at, place)) or ABSENT
    return copy


def _check_coverage(partition: TopicPartition, tenure: Tenure, covered: Coverage | None) -> None:
    """What was found is as of the tenure's flushes. Raises StoreWentBackError when it is older."""
    if covered is None or covered.fence < tenure.claim.offset or covered.next_offset < tenure.flushed_offset:
        raise StoreWentBackError(name_of(partition))


def _apply(parts: Parts, memory: Memory, copy: WorkingCopy, offset: int, recorded: Recorded) -> None:
    known = copy.streams[recorded.stream_id].version
    if recorded.version <= known:
        return
    if recorded.version != known + 1:
        msg = (
            f"the log of {name_of(parts.partition)} has version {recorded.version} of stream {recorded.stream_id} "
            f"at offset {offset}, where {known + 1} was due: run `verbatim verify`"
        )
        raise StopError(msg)
    rows = copy.apply([recorded], parts.rules.deciders)
    rows.append(remember_command(copy, parts.rules, recorded, offset))
    memory.keep(copy, [recorded.stream_id], rows)


async def _flush(parts: Parts, tenure: Tenure, in_force: Claim) -> None:
    unflushed = tenure.unflushed(in_force)
    if not await parts.store.flush(parts.partition, parts.codec, unflushed):
        raise NewerClaimError(name_of(parts.partition))
    tenure.flushed(unflushed)
