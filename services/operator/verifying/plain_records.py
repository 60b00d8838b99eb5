"""A record as Kafka gives it, and what its JSON says: read with the standard library alone."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.operator.verifying.forms import CLAIM_ATTRIBUTES, CLAIM_TYPE, EVENT_ATTRIBUTES, FORMS

HEADERS = (("content-type", b"application/cloudevents+json"),)
LARGEST_EPOCH = 32_767
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
EVENT_ID = re.compile(r"([0-9a-f-]{36})\.(0|[1-9][0-9]{0,17})")
SEQUENCE = re.compile(r"[1-9][0-9]{0,17}")
CLAIM = re.compile(r"(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})")
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as it lies in the log."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = HEADERS

    @property
    def place(self) -> str:
        """Where it lies, for people."""
        return f"{self.topic}/{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True)
class Fact:
    """What an event's record says."""

    place: str
    offset: int
    kind: str
    type: str
    stream: str
    version: int
    command: str
    index: int
    time: datetime
    actor: str
    fingerprint: str
    cause: str | None
    data: dict[str, Any]


class MalformedError(ValueError):
    """The record is not in the form that every record has; the message says in what."""


def read_json(value: bytes | None) -> dict[str, Any]:
    """The object that a record's value is. Raises MalformedError when it is none."""
    try:
        envelope = json.loads(value or b"")
    except (ValueError, RecursionError):
        raise MalformedError("the value is no JSON") from None
    if not isinstance(envelope, dict):
        raise MalformedError("the value is no JSON object")
    return envelope


def time_of(text: Any) -> datetime:
    """A time of the log. Raises MalformedError for what is no time in UTC."""
    if not isinstance(text, str) or not UTC_TIME.fullmatch(text):
        raise MalformedError("a time is not RFC 3339 in UTC")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise MalformedError("a time is none that there is") from None


def time_or_none(text: Any) -> datetime | None:
    """A time of the log, or None where there is none."""
    return None if text is None else time_of(text)


def claim_of(record: RawRecord, envelope: dict[str, Any]) -> tuple[int, int]:
    """The claim that a claim's record makes: its own offset, and its epoch. Raises MalformedError."""
    _require(envelope.keys() == CLAIM_ATTRIBUTES, "a claim has attributes too many or too few")
    _require(record.key is None, "a claim has a key")
    _check_constants(record, envelope)
    data = envelope["data"]
    _require(isinstance(data, dict) and data.keys() == {"writer", "epoch", "claimed_at"}, "a claim's data is malformed")
    writer, epoch = data["writer"], data["epoch"]
    _require(isinstance(writer, str) and bool(writer), "a claim names no writer")
    _require(type(epoch) is int and 0 <= epoch <= LARGEST_EPOCH, "a claim's epoch is out of range")
    time_of(data["claimed_at"])
    return record.offset, epoch


def fact_of(record: RawRecord, envelope: dict[str, Any], kind: str) -> Fact:
    """What an event's record says. Raises MalformedError when it lacks the form of its type."""
    attributes = envelope.keys() - {"cause"}
    _require(attributes == EVENT_ATTRIBUTES, f"attributes too many or too few: {_names(attributes ^ EVENT_ATTRIBUTES)}")
    _check_constants(record, envelope)
    texts = {name: envelope[name] for name in ("id", "type", "subject", "sequence", "fingerprint", "actor")}
    _require(all(isinstance(text, str) for text in texts.values()), "an attribute is no text")
    named = EVENT_ID.fullmatch(texts["id"])
    _require(named is not None and bool(UUID.fullmatch(texts["id"][:36])), "the id is not <command id>.<index>")
    _require(bool(UUID.fullmatch(texts["subject"])), "the subject is no canonical uuid")
    _require(bool(UUID.fullmatch(texts["actor"])), "the actor is no canonical uuid")
    _require(bool(SEQUENCE.fullmatch(texts["sequence"])), "the sequence is no number from 1")
    _require(bool(texts["fingerprint"]), "there is no fingerprint")
    form = FORMS.get(texts["type"])
    if form is None or named is None:
        raise MalformedError("the type of the event is not known")
    _require(form.kind == kind, f"an event of a stream of {form.kind} lies among {kind}")
    if fault := form.fault(envelope["data"]):
        raise MalformedError(fault)
    return Fact(
        place=record.place,
        offset=record.offset,
        kind=kind,
        type=texts["type"],
        stream=texts["subject"],
        version=int(texts["sequence"]),
        command=named[1],
        index=int(named[2]),
        time=datetime.fromisoformat(envelope["time"]).astimezone(UTC),
        actor=texts["actor"],
        fingerprint=texts["fingerprint"],
        cause=envelope.get("cause"),
        data=envelope["data"],
    )


def is_claim(envelope: dict[str, Any]) -> bool:
    """Whether it is a claim, and no event."""
    return envelope.get("type") == CLAIM_TYPE


def named_claim(envelope: dict[str, Any]) -> tuple[int, int]:
    """The claim that an event's record names. Raises MalformedError when it names none."""
    claim = envelope.get("claim")
    found = CLAIM.fullmatch(claim) if isinstance(claim, str) else None
    if found is None:
        raise MalformedError("it names no claim")
    return int(found[1]), int(found[2])


def _check_constants(record: RawRecord, envelope: dict[str, Any]) -> None:
    _require(envelope["specversion"] == "1.0", "specversion is not 1.0")
    _require(envelope["source"] == "/verbatim", "the source is not /verbatim")
    time_of(envelope["time"])
    _require(record.headers == HEADERS, "the headers are not the one content-type")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise MalformedError(what)


def _names(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(name for name in names if name.isidentifier()))
