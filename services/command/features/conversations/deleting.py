"""Deleting a conversation, for everybody and for good."""

from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known
from services.command.features.conversations.conversation import OfConversation, Place, changeable_place_of
from services.command.features.conversations.refusals import OnlyOwnerMay
from shared.events.conversations import ConversationDeleted


@dataclass(frozen=True, slots=True)
class DeleteConversation(OfConversation):
    """It is to be gone for everybody."""


def delete_conversation(_: DeleteConversation, known: Known, __: datetime) -> Decision:
    """Its owner may. A direct conversation, which has none, stays."""
    place = changeable_place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    return [ConversationDeleted()] if place.owns else OnlyOwnerMay()
