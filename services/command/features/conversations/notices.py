"""What Verbatim itself tells a group when people come and go, or roles or the title change, after the event."""

from collections.abc import Iterable, Sequence

from services.command.deciding import Known, RowKey
from services.command.features.conversations.conversation import Conversation
from services.command.features.messages.numbering import needs_message, next_seq
from shared.events.conversations import (
    ConversationRenamed,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
    ParticipantRoleChanged,
)
from shared.events.domain_event import DomainEvent
from shared.events.messages import SystemMessageSent
from shared.identifiers import CommandId, MessageId, derived_id

NOTICES_LIMIT = 2


def notice_id(command_id: CommandId, place: int) -> MessageId:
    """The id of the notice that a command makes at this place, counted from 0."""
    return MessageId(derived_id("notice", command_id, str(place)))


def needs_notices(known: Known) -> Iterable[RowKey]:
    """The rows of all notices that a command could make."""
    return [needs_message(notice_id(known.command_id, place)) for place in range(NOTICES_LIMIT)]


def told_to_group(conversation: Conversation, known: Known, events: Sequence[DomainEvent]) -> Sequence[DomainEvent]:
    """The events, each followed by its notice where it has one. Outside groups nobody is told."""
    if conversation.kind != "group":
        return events
    told: list[DomainEvent] = []
    place = 0
    for event in events:
        told.append(event)
        notice = _notice(event, notice_id(known.command_id, place), next_seq(known) + place)
        if notice is not None:
            told.append(notice)
            place += 1
    return told


def _notice(event: DomainEvent, message_id: MessageId, seq: int) -> SystemMessageSent | None:
    match event:
        case ParticipantAdded(user_id=user_id, role=role):
            return SystemMessageSent(message_id, seq, "participant_added", about_id=user_id, role=role)
        case ParticipantRemoved(user_id=user_id):
            return SystemMessageSent(message_id, seq, "participant_removed", about_id=user_id)
        case ParticipantLeft():
            return SystemMessageSent(message_id, seq, "participant_left")
        case ParticipantRoleChanged(user_id=user_id, role=role):
            return SystemMessageSent(message_id, seq, "role_changed", about_id=user_id, role=role)
        case ConversationRenamed(title=title):
            return SystemMessageSent(message_id, seq, "renamed", title=title)
        case _:
            return None
