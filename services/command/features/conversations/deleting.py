"""Deleting a conversation, for everybody and for good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Need, Stream
from services.command.features.conversations.conversation import (
    Place,
    changeable_place_of,
    conversation_stream,
    needs_participant,
)
from services.command.features.conversations.refusals import OnlyOwnerMay
from shared.events.conversations import ConversationDeleted
from shared.identifiers import ConversationId


@dataclass(frozen=True, slots=True)
class DeleteConversation:
    """It is to be gone for everybody."""

    conversation_id: ConversationId

    @property
    def stream(self) -> Stream:
        """The conversation's."""
        return conversation_stream(self.conversation_id)


def needs_of_deleting(_: DeleteConversation, known: Known) -> Iterable[Need]:
    """The actor's row."""
    return [needs_participant(known.actor)]


def delete_conversation(_: DeleteConversation, known: Known, __: datetime) -> Decision:
    """Its owner may. A direct conversation, which has none, stays."""
    place = changeable_place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    return [ConversationDeleted()] if place.owns else OnlyOwnerMay()
