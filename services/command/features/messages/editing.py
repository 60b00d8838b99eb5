"""Changing what was said: replacing a message's text, and withdrawing a message."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Need, Refusal, Unchanged
from services.command.features.conversations.conversation import OfConversation, Place, needs_participant, place_of
from services.command.features.messages.numbering import MESSAGE, Message, digest_of, needs_message
from services.command.features.messages.refusals import (
    MessageIsUnsent,
    NoSuchMessage,
    OnlySenderMay,
    OnlySenderOrLeadersMay,
)
from services.command.features.messages.sending import text_refusal, worded
from shared.events.messages import MessageEdited, MessageUnsent
from shared.identifiers import MessageId, UserId


@dataclass(frozen=True, slots=True)
class EditMessage(OfConversation):
    """The actor replaces the text of their message. `occurred_at` is set by imports alone.

    `policy_version`: of the word list, when the new text has one of its words.
    """

    message_id: MessageId
    content: str
    occurred_at: datetime | None = None
    policy_version: str | None = None


@dataclass(frozen=True, slots=True)
class UnsendMessage(OfConversation):
    """The message is to be withdrawn."""

    message_id: MessageId


def needs_of_editing(command: EditMessage | UnsendMessage, known: Known) -> Iterable[Need]:
    """The actor's row and the message's."""
    return [needs_participant(known.actor), needs_message(command.message_id)]


def _found(message_id: MessageId, known: Known) -> tuple[Place, Message] | Refusal:
    """Where the actor stands, and the message, if they have it still: what they cleared they have not, but for their
    own, which stay theirs to change."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    message = known.row(MESSAGE, message_id)
    if message is None or not (message.sender_id == known.actor or place.participant.sees(message.seq)):
        return NoSuchMessage()
    return place, message


def edit_message(command: EditMessage, known: Known, _: datetime) -> Decision:
    """Only its sender may, and not once it is unsent. The same text again is no edit.

    Beside attachments, or a shared post, the text may be taken away.
    """
    found = _found(command.message_id, known)
    if isinstance(found, Refusal):
        return found
    place, message = found
    refusal = _not_editable(message, known.actor) or text_refusal(
        command.content, place.conversation, may_be_blank=message.says_more
    )
    if refusal is not None:
        return refusal
    content = worded(command.content)
    if message.digest == digest_of(content):
        return Unchanged()
    flagged = command.policy_version is not None
    return [MessageEdited(command.message_id, content, command.occurred_at, flagged, command.policy_version)]


def _not_editable(message: Message, actor: UserId) -> Refusal | None:
    if message.sender_id != actor:
        return OnlySenderMay()
    return MessageIsUnsent() if message.unsent else None


def unsend_message(command: UnsendMessage, known: Known, _: datetime) -> Decision:
    """Its sender may, and in a group the owner and admins; a second time changes nothing."""
    found = _found(command.message_id, known)
    if isinstance(found, Refusal):
        return found
    place, message = found
    leads_group = place.conversation.kind == "group" and place.leads
    if message.sender_id != known.actor and not leads_group:
        return OnlySenderOrLeadersMay()
    return Unchanged() if message.unsent else [MessageUnsent(command.message_id)]
