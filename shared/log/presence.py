"""`chat.presence`: when each user was last seen. A compacted topic beside the log: the last record of a key counts."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from aiokafka.structs import TopicPartition

from shared.identifiers import UserId
from shared.settings import Settings
from shared.web.times import time_text

CONTENT_TYPE_HEADER = ("content-type", b"application/json")


class _LastSeen(msgspec.Struct, frozen=True):
    last_seen_at: Annotated[datetime, msgspec.Meta(tz=True)]


_last_seen = msgspec.json.Decoder(_LastSeen)


class UndecodablePresenceError(ValueError):
    """It is no record of this topic that this version can read; the message says why, without repeating it."""


def presence_partition(settings: Settings) -> TopicPartition:
    """The topic's one partition: each user is written once in some minutes, and is to be read in one order."""
    return TopicPartition(f"{settings.topic_prefix}chat.presence", 0)


def encode_last_seen(seen_at: datetime) -> bytes:
    """The value of a record that says when somebody was seen, to the millisecond. Its key is their id."""
    return msgspec.json.encode({"last_seen_at": time_text(seen_at)})


def decode_last_seen(key: bytes | None, value: bytes | None) -> tuple[UserId, datetime | None]:
    """Of whom a record is, and when they were seen; None: nothing is known of them any more.

    Raises UndecodablePresenceError.
    """
    try:
        user_id = UserId(str(UUID((key or b"").decode())))
    except ValueError as error:
        raise UndecodablePresenceError("the key is no user's id") from error
    try:
        return user_id, None if value is None else _last_seen.decode(value).last_seen_at.astimezone(UTC)
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
        raise UndecodablePresenceError("the value does not say when they were seen") from error
