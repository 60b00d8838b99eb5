"""How an event becomes the value of a Kafka record and back: one JSON object, CloudEvents 1.0 in structured mode."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from shared.events.catalogue import EVENT_BY_RECORDED_NAME
from shared.events.domain_event import DomainEvent, Recorded
from shared.identifiers import CommandId, StreamId, UserId

CONTENT_TYPE_HEADER = ("content-type", b"application/cloudevents+json")
SOURCE = "/verbatim"
REMEMBERED_CLAIMS = 64
LARGEST_EPOCH = 32_767
"""Of a producer, for Kafka: what says more is no claim."""
CLAIM_TYPE = "verbatim.partition.claimed.v1"


class Claim(msgspec.Struct, frozen=True, order=True, gc=False):
    """Names the claim under which records are written: the offset of its record, and the epoch of its writer."""

    offset: int
    epoch: int

    def __str__(self) -> str:
        """As it stands in a record's `claim`."""
        return f"{self.offset}-{self.epoch}"


NO_CLAIM = Claim(-1, -1)


@dataclass(frozen=True, slots=True)
class PartitionClaimed:
    """A writer took the partition over: from here on only records written under this claim count."""

    writer: str
    epoch: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_EPOCH)]
    claimed_at: datetime


class UndecodableRecordError(ValueError):
    """The bytes are not a record that this version can read; the message says why, without repeating them."""


class _Envelope(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The attributes in the order in which they are written. `id` is `<command id>.<index>`: it names the command."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: msgspec.Raw
    subject: StreamId = StreamId("")
    sequence: str = ""
    claim: str = ""
    fingerprint: str = ""
    actor: UserId = UserId("")
    cause: str | None = None


_encoder = msgspec.json.Encoder()
_envelope = msgspec.json.Decoder(_Envelope)
_claimed = msgspec.json.Decoder(PartitionClaimed)
_data = {name: msgspec.json.Decoder(event) for name, event in EVENT_BY_RECORDED_NAME.items()}


def encode_record(recorded: Recorded, claim: Claim) -> bytes:
    """The value of the record that holds this event when it is written under `claim`. The key is the stream's id."""
    return _encoder.encode(
        _Envelope(
            specversion="1.0",
            id=f"{recorded.command_id}.{recorded.index}",
            source=SOURCE,
            type=recorded.event.recorded_as,
            subject=recorded.stream_id,
            time=recorded.time,
            sequence=str(recorded.version),
            claim=str(claim),
            fingerprint=recorded.fingerprint,
            actor=recorded.actor,
            cause=recorded.cause,
            data=msgspec.Raw(_encoder.encode(recorded.event)),
        )
    )


def encode_claim(claimed: PartitionClaimed) -> bytes:
    """The value of a claim's record: it has no key, no subject and no sequence."""
    return _encoder.encode(
        _Envelope(
            specversion="1.0",
            id=f"{claimed.writer}.{claimed.epoch}",
            source=SOURCE,
            type=CLAIM_TYPE,
            time=claimed.claimed_at,
            data=msgspec.Raw(_encoder.encode(claimed)),
        )
    )


class DecodedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event's record: what was recorded, and the claim it names."""

    recorded: Recorded
    claim: Claim


@dataclass(frozen=True, slots=True)
class DecodedClaim:
    """A claim's record."""

    claimed: PartitionClaimed


def decode_record(value: bytes | None) -> DecodedEvent | DecodedClaim:
    """Reads a record's value. Raises UndecodableRecordError when it is not one that this version knows."""
    if value is None:
        raise UndecodableRecordError("the record has no value")
    try:
        envelope = _envelope.decode(value)
        if envelope.type == CLAIM_TYPE:
            return DecodedClaim(_claimed.decode(envelope.data))
        decoder = _data.get(envelope.type)
        if decoder is None:
            raise UndecodableRecordError("the type of the event is not known to this version")
        return _decoded_event(envelope, decoder.decode(envelope.data))
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        if isinstance(error, UndecodableRecordError):
            raise
        raise UndecodableRecordError(f"the record is not in the expected form: {_without_input(error)}") from error


def _decoded_event(envelope: _Envelope, event: DomainEvent) -> DecodedEvent:
    command, _, index = envelope.id.rpartition(".")
    recorded = Recorded(  # in the order of its fields: their names would take longer than all else here
        envelope.subject,
        int(envelope.sequence),
        envelope.time if envelope.time.tzinfo is UTC else envelope.time.astimezone(UTC),
        envelope.actor,
        CommandId(command),
        int(index),
        envelope.fingerprint,
        event,
        envelope.cause,
    )
    return DecodedEvent(recorded, _claim_of(envelope.claim))


@lru_cache(maxsize=REMEMBERED_CLAIMS)
def _claim_of(text: str) -> Claim:
    """Reads what `str(claim)` wrote: thousands of records in a row name the same."""
    offset, _, epoch = text.partition("-")
    claim = Claim(int(offset), int(epoch))
    if str(claim) != text:
        raise UndecodableRecordError("a claim is written in another form")
    return claim


def _without_input(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error) if isinstance(error, msgspec.MsgspecError) else "a number, a time or an identifier is malformed"
