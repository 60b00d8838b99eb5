"""Sending a message: the path that most commands take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.command.deciding import Decision, Known, Need, Refusal
from services.command.features.conversations.conversation import (
    CONVERSATION,
    Conversation,
    OfConversation,
    Place,
    needs_participant,
    place_of,
)
from services.command.features.conversations.refusals import AgentIsUnknown, NothingHere
from services.command.features.conversations.requesting import accepted_by_sending
from services.command.features.messages.attaching import (
    attachments_refusal,
    in_order,
    needs_of_attaching,
)
from services.command.features.messages.joining import joined_before
from services.command.features.messages.numbering import (
    MESSAGE,
    needs_message,
    next_seq,
    own_message_id,
)
from services.command.features.messages.refusals import (
    AGENT_TEXT_LIMIT,
    TEXT_LIMIT,
    EarlierIsMissing,
    RepliedToIsMissing,
    SharedPostIsMissing,
    TextIsBlank,
    TextIsTooLong,
)
from shared.events.messages import Attachment, ContentType, MessageEdited, MessageSent, SenderRole
from shared.identifiers import FileId, MessageId, UserId


@dataclass(frozen=True, slots=True)
class SendMessage(OfConversation):
    """The actor says this. `role` goes by their account: an agent's is `assistant`.

    `unknown_ids`: the agent named, when there was found to be none. `policy_version`: of the word list, when the
    content has one of its words. `media_types`: of the files that are attached, those that were found to be the actor's
    own, each with its media type.
    """

    content: str
    client_message_id: str
    reply_to_id: MessageId | None = None
    agent_id: UserId | None = None
    content_type: ContentType = "text"
    unknown_ids: Sequence[UserId] = ()
    policy_version: str | None = None
    role: SenderRole = "user"
    attachments: Sequence[Attachment] = ()
    shared_post_id: str | None = None
    media_types: Mapping[FileId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportMessage(OfConversation):
    """The actor said this elsewhere, at `occurred_at`; if not yet in the conversation, they join just before.

    `earlier_id`: the message that must be there first, when both are on their way at the same time. `edited_at`: when
    `content` took the place of another text, which is not known. `policy_version` is as that of SendMessage.
    `attachments` are elsewhere, each at its url: nobody has uploaded them here.
    """

    content: str
    client_message_id: str
    occurred_at: datetime
    reply_to_id: MessageId | None = None
    earlier_id: MessageId | None = None
    edited_at: datetime | None = None
    policy_version: str | None = None
    content_type: ContentType = "text"
    attachments: Sequence[Attachment] = ()


def needs_of_sending(command: SendMessage | ImportMessage, known: Known) -> Iterable[Need]:
    """The sender's row, the new message's and those of its files, and those of the messages that must be there."""
    yield needs_participant(known.actor)
    yield needs_message(own_message_id(known))
    yield from needs_of_attaching(command.attachments, known)
    if command.reply_to_id is not None:
        yield needs_message(command.reply_to_id)
    if isinstance(command, ImportMessage) and command.earlier_id is not None:
        yield needs_message(command.earlier_id)


def send_message(command: SendMessage, known: Known, _: datetime) -> Decision:
    """Whoever is in it may send, as long as no message request stands in the way: to answer one is to accept it."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    if command.unknown_ids:
        return AgentIsUnknown(tuple(command.unknown_ids))
    accepted = accepted_by_sending(place.conversation.request, known.actor, next_seq(known))
    if isinstance(accepted, Refusal):
        return accepted
    return _wrong(command, place.conversation, known) or [
        *accepted,
        MessageSent(
            next_seq(known),
            worded(command.content),
            command.client_message_id,
            command.content_type,
            command.reply_to_id,
            role=command.role,
            agent_id=command.agent_id,
            flagged=command.policy_version is not None,
            policy_version=command.policy_version,
            attachments=in_order(command.attachments),
            shared_post_id=command.shared_post_id,
        ),
    ]


def import_message(command: ImportMessage, known: Known, _: datetime) -> Decision:
    """An import adds no message that its source does not have: nobody is told that the sender has joined.

    A text that is the last of several is recorded as the first too, so that it is known to have been edited.
    """
    conversation = known.part(CONVERSATION)
    if conversation is None or conversation.deleted:
        return NothingHere()
    if command.earlier_id is not None and known.row(MESSAGE, command.earlier_id) is None:
        return EarlierIsMissing()
    joined = joined_before(command.occurred_at, conversation, known)
    if isinstance(joined, Refusal):
        return joined
    flagged, content = command.policy_version is not None, worded(command.content)
    sent = MessageSent(
        next_seq(known),
        content,
        command.client_message_id,
        command.content_type,
        command.reply_to_id,
        occurred_at=command.occurred_at,
        flagged=flagged,
        policy_version=command.policy_version,
        attachments=in_order(command.attachments),
    )
    edited = MessageEdited(own_message_id(known), content, command.edited_at, flagged, command.policy_version)
    return _wrong(command, conversation, known) or [*joined, sent, *([edited] if command.edited_at else [])]


def _wrong(command: SendMessage | ImportMessage, conversation: Conversation, known: Known) -> Refusal | None:
    if command.reply_to_id is not None and known.row(MESSAGE, command.reply_to_id) is None:
        return RepliedToIsMissing()
    return _wrong_beside_text(command) or text_refusal(
        command.content, conversation, may_be_blank=command.content_type != "text"
    )


def _wrong_beside_text(command: SendMessage | ImportMessage) -> Refusal | None:
    shared_post_id = command.shared_post_id if isinstance(command, SendMessage) else None
    if (command.content_type == "shared_post") == (shared_post_id is None):
        return SharedPostIsMissing()
    own = command.media_types if isinstance(command, SendMessage) else {}
    return attachments_refusal(command.content_type, command.attachments, own)


def worded(content: str) -> str:
    """A text as it is recorded: as it came, but for white space alone, which is none."""
    return content if content.strip() else ""


def text_refusal(content: str, conversation: Conversation, *, may_be_blank: bool = False) -> Refusal | None:
    """What is wrong with a message's text in this conversation. White space alone is empty."""
    if not content.strip():
        return None if may_be_blank else TextIsBlank()
    limit = AGENT_TEXT_LIMIT if conversation.kind == "agent" else TEXT_LIMIT
    return TextIsTooLong() if len(content) > limit else None
