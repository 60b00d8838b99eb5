"""How far messages have reached each person, and how far each has read: markers that only move forward."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Need, Stream, Unchanged
from services.command.features.conversations.conversation import (
    Place,
    conversation_stream,
    needs_participant,
    place_of,
)
from services.command.features.messages.numbering import NUMBERING
from services.command.features.messages.refusals import BeyondLastMessage
from shared.events.messages import MessagesDelivered, MessagesRead
from shared.identifiers import ConversationId


@dataclass(frozen=True, slots=True)
class MarkDelivered:
    """Everything up to `seq` has reached the actor."""

    conversation_id: ConversationId
    seq: int

    @property
    def stream(self) -> Stream:
        """The conversation's."""
        return conversation_stream(self.conversation_id)


@dataclass(frozen=True, slots=True)
class MarkRead:
    """The actor has read everything up to `seq`; so it was delivered too."""

    conversation_id: ConversationId
    seq: int

    @property
    def stream(self) -> Stream:
        """The conversation's."""
        return conversation_stream(self.conversation_id)


def needs_of_marking(_: MarkDelivered | MarkRead, known: Known) -> Iterable[Need]:
    """The actor's row, where the markers are."""
    return [needs_participant(known.actor)]


def mark_delivered(command: MarkDelivered, known: Known, _: datetime) -> Decision:
    """Not further than the last message. Backwards nothing moves."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    if command.seq > known.part(NUMBERING).last_seq:
        return BeyondLastMessage()
    if command.seq <= place.participant.delivered_seq:
        return Unchanged({"delivered_seq": place.participant.delivered_seq})
    return [MessagesDelivered(command.seq)]


def mark_read(command: MarkRead, known: Known, _: datetime) -> Decision:
    """Not further than the last message. Backwards nothing moves."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    if command.seq > known.part(NUMBERING).last_seq:
        return BeyondLastMessage()
    if command.seq <= place.participant.read_seq:
        return Unchanged({"read_seq": place.participant.read_seq})
    return [MessagesRead(command.seq)]
