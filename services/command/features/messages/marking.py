"""How far messages have reached each person, and how far each has read: markers that only move forward."""

from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Unchanged
from services.command.features.conversations.conversation import OfConversation, Place, place_of
from services.command.features.conversations.refusals import NothingHere
from services.command.features.messages.numbering import NUMBERING
from services.command.features.messages.refusals import BeyondLastMessage
from shared.events.messages import MessagesDelivered, MessagesRead


@dataclass(frozen=True, slots=True)
class MarkDelivered(OfConversation):
    """Everything up to `seq` has reached the actor."""

    seq: int


@dataclass(frozen=True, slots=True)
class MarkRead(OfConversation):
    """The actor has read everything up to `seq`; so it was delivered too."""

    seq: int


def mark_delivered(command: MarkDelivered, known: Known, _: datetime) -> Decision:
    """Backwards nothing moves."""
    place = _place_to_mark(command.seq, known)
    if not isinstance(place, Place):
        return place
    if command.seq <= place.participant.delivered_seq:
        return Unchanged({"delivered_seq": place.participant.delivered_seq})
    return [MessagesDelivered(command.seq)]


def mark_read(command: MarkRead, known: Known, _: datetime) -> Decision:
    """Backwards nothing moves."""
    place = _place_to_mark(command.seq, known)
    if not isinstance(place, Place):
        return place
    if command.seq <= place.participant.read_seq:
        return Unchanged({"read_seq": place.participant.read_seq})
    return [MessagesRead(command.seq)]


def _place_to_mark(seq: int, known: Known) -> Place | NothingHere | BeyondLastMessage:
    """The actor's place, whose markers go no further than the last message."""
    place = place_of(known.actor, known)
    if isinstance(place, Place) and seq > known.part(NUMBERING).last_seq:
        return BeyondLastMessage()
    return place
