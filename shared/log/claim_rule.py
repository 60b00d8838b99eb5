"""The claim rule, for everyone who reads the log: only what was written under the newest claim before it counts."""

import json
from dataclasses import dataclass

from shared.events.domain_event import Recorded
from shared.log.records import Claim, DecodedClaim, UndecodableRecordError, decode_record


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim: from here on only records that name it count."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Void:
    """It does not count: whoever wrote it had lost the partition, or was no writer at all."""


@dataclass(frozen=True, slots=True)
class Undecodable:
    """This version cannot read it. `stream_id` where it can be told.

    `names_claim`: it names the claim in force, so that a writer of ours wrote it and it counts; without it, it may be
    anybody's.
    """

    reason: str
    stream_id: str | None
    names_claim: bool


Judged = Recorded | Claimed | Void | Undecodable
"""What was recorded is an event that counts."""


def judge_record(offset: int, value: bytes | None, in_force: Claim) -> Judged:
    """What a record means to a reader who knows the claim in force just before it."""
    try:
        decoded = decode_record(value)
    except UndecodableRecordError as error:
        return _undecodable(value, in_force, str(error))
    if isinstance(decoded, DecodedClaim):
        return Claimed(Claim(offset, decoded.claimed.epoch))
    return decoded.recorded if decoded.claim == in_force else Void()


def _undecodable(value: bytes | None, in_force: Claim, reason: str) -> Judged:
    try:
        envelope = json.loads(value or b"")
    except (ValueError, RecursionError):
        return Undecodable(reason, None, names_claim=False)
    if not isinstance(envelope, dict):
        return Undecodable(reason, None, names_claim=False)
    claim, subject = envelope.get("claim"), envelope.get("subject")
    if isinstance(claim, str) and claim != str(in_force):
        return Void()
    return Undecodable(reason, subject if isinstance(subject, str) else None, names_claim=claim == str(in_force))
