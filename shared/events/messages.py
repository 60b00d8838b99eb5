"""What is said in a conversation, and how far it was read. Stream: the conversation.

A message's id is its command's id.
"""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from shared.events.domain_event import DomainEvent
from shared.identifiers import FileId, MessageId, UserId

ContentType = Literal["text", "image", "file", "voice", "media", "shared_post"]
AttachmentKind = Literal["image", "video", "voice", "file"]
SenderRole = Literal["user", "assistant"]
Notice = Literal["participant_added", "participant_removed", "participant_left", "role_changed", "renamed"]
ReactionKind = Literal["like", "love", "haha", "wow", "sad", "pray"]


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """What goes with a message: a file of the sender's, or what is elsewhere, at an https address.

    It has one of `file_id` and `url`. `duration` is in seconds, `width` and `height` are in pixels.
    """

    kind: AttachmentKind
    file_id: FileId | None = None
    url: str | None = None
    name: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    sort_order: int = 0


class MessageSent(DomainEvent, frozen=True):
    """The actor said something. Its id is the command's id; `seq` counts the conversation's messages from 1.

    `attachments` are in the order in which they are shown; beside them, and a shared post, `content` may be empty.
    `flagged`: the text has a word of the operator's list, which was then of the version `policy_version`.
    """

    recorded_as: ClassVar[str] = "verbatim.message.sent.v1"
    seq: int
    content: str
    client_message_id: str
    content_type: ContentType = "text"
    reply_to_id: MessageId | None = None
    role: SenderRole = "user"
    agent_id: UserId | None = None
    occurred_at: datetime | None = None
    flagged: bool = False
    policy_version: str | None = None
    attachments: tuple[Attachment, ...] = ()
    shared_post_id: str | None = None


class SystemMessageSent(DomainEvent, frozen=True):
    """Verbatim itself noted in a group what the actor did; it takes a seq and never counts as unread."""

    recorded_as: ClassVar[str] = "verbatim.message.system_sent.v1"
    message_id: MessageId
    seq: int
    notice: Notice
    about_id: UserId | None = None
    title: str | None = None
    role: Literal["owner", "admin", "member"] | None = None


class MessageEdited(DomainEvent, frozen=True):
    """The sender replaced the text; what it was before stays in the log and in the edits.

    `flagged` and `policy_version` speak of the new text, as those of MessageSent do of the first.
    """

    recorded_as: ClassVar[str] = "verbatim.message.edited.v1"
    message_id: MessageId
    content: str
    occurred_at: datetime | None = None
    flagged: bool = False
    policy_version: str | None = None


class MessageUnsent(DomainEvent, frozen=True):
    """The message is withdrawn: its place stays, nothing else of it is shown to anybody."""

    recorded_as: ClassVar[str] = "verbatim.message.unsent.v1"
    message_id: MessageId


class ReactionSet(DomainEvent, frozen=True):
    """The actor reacted to a message; if they had reacted before, in another way, this takes its place."""

    recorded_as: ClassVar[str] = "verbatim.message.reaction_set.v1"
    message_id: MessageId
    kind: ReactionKind


class ReactionRemoved(DomainEvent, frozen=True):
    """The actor took their reaction to a message back."""

    recorded_as: ClassVar[str] = "verbatim.message.reaction_removed.v1"
    message_id: MessageId


class MessagesDelivered(DomainEvent, frozen=True):
    """Everything up to `seq` has reached the actor."""

    recorded_as: ClassVar[str] = "verbatim.message.delivered.v1"
    seq: int


class MessagesRead(DomainEvent, frozen=True):
    """The actor has read everything up to `seq`, and so it was delivered too."""

    recorded_as: ClassVar[str] = "verbatim.message.read.v1"
    seq: int
