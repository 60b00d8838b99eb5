"""The identifiers of Verbatim: canonical lower-case UUID texts, told apart by types so that they are not mixed up."""

from enum import StrEnum
from hashlib import sha1
from os import urandom
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
BookmarkId = NewType("BookmarkId", str)
FileId = NewType("FileId", str)
CommandId = NewType("CommandId", str)
StreamId = NewType("StreamId", str)
JobId = NewType("JobId", str)

VERBATIM_NAMESPACE = UUID("6f1d5f3e-0f0c-5c0e-9a57-3b1f4e0a7c11")
_NAMESPACE = VERBATIM_NAMESPACE.bytes
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
VERBATIM_ITSELF = UserId("00000000-0000-0000-0000-000000000000")
"""The actor of what nobody asked for, such as an expiry."""


class StreamKind(StrEnum):
    """The kinds of stream; each has a topic of its own."""

    CONVERSATIONS = "conversations"
    USERS = "users"


def derived_id(*parts: str) -> str:
    """A UUID that is a function of the parts: equal parts give the equal id; no two lists share an encoding.

    It is uuid5 (RFC 9562, 5.5) of Verbatim's namespace, put together here since `uuid.uuid5` takes three times as long
    and each command needs one.
    """
    name = "".join([f"{len(part)}:{part}" for part in parts])
    text = sha1(_NAMESPACE + name.encode()).hexdigest()  # noqa: S324  # as uuid5 has it
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def random_key() -> str:
    """128 random bits, as hexadecimal digits: for a request, or a caller who chose no idempotency key."""
    return urandom(16).hex()


def command_id_of(stream_id: str, actor: str, route: str, key: str) -> CommandId:
    """The id of what `actor` asks of a stream: a repeat with the key has the same id, whoever else uses that key."""
    return CommandId(derived_id("command", stream_id, actor, route, key))


def direct_conversation_id(one: UserId, other: UserId) -> ConversationId:
    """The one direct conversation of a pair, whoever of the two starts it."""
    return ConversationId(derived_id("direct", *sorted((one, other))))


def group_conversation_id(creator: UserId, key: str) -> ConversationId:
    """The id of the conversation that `creator` starts with this idempotency key."""
    return ConversationId(derived_id("group", creator, key))


def bookmark_id_of(user: UserId, target_type: str, target_id: str) -> BookmarkId:
    """The id of a user's bookmark of a target: it is the same each time the bookmark is switched on."""
    return BookmarkId(derived_id("bookmark", user, target_type, target_id))


def imported_id(source: str, source_id: str) -> str:
    """The id of a thing that an import brings: a second import meets the same id."""
    return derived_id("import", source, source_id)
