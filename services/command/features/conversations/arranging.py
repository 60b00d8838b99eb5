"""How somebody has a conversation for themselves: pinned, archived, cleared. It concerns nobody else in it."""

from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Unchanged
from services.command.features.conversations.conversation import OfConversation, Place, place_of
from services.command.features.messages.numbering import NUMBERING
from shared.events.conversations import (
    ConversationArchived,
    ConversationCleared,
    ConversationPinned,
    ConversationUnarchived,
    ConversationUnpinned,
)


@dataclass(frozen=True, slots=True)
class PinConversation(OfConversation):
    """The actor is to have it before all that is not pinned."""


@dataclass(frozen=True, slots=True)
class UnpinConversation(OfConversation):
    """The actor is to have it in its place."""


@dataclass(frozen=True, slots=True)
class ArchiveConversation(OfConversation):
    """The actor puts it aside."""


@dataclass(frozen=True, slots=True)
class UnarchiveConversation(OfConversation):
    """The actor takes it back."""


@dataclass(frozen=True, slots=True)
class ClearConversation(OfConversation):
    """The actor is to see nothing any more of what was said so far."""


def pin_conversation(_: PinConversation, known: Known, __: datetime) -> Decision:
    """Whoever is in it may. It stays pinned since when it was."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    return Unchanged() if place.participant.pinned else [ConversationPinned()]


def unpin_conversation(_: UnpinConversation, known: Known, __: datetime) -> Decision:
    """Whoever is in it may."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    return [ConversationUnpinned()] if place.participant.pinned else Unchanged()


def archive_conversation(_: ArchiveConversation, known: Known, __: datetime) -> Decision:
    """Whoever is in it may. It stays archived since when it was."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    return Unchanged() if place.participant.archived else [ConversationArchived()]


def unarchive_conversation(_: UnarchiveConversation, known: Known, __: datetime) -> Decision:
    """Whoever is in it may."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    return [ConversationUnarchived()] if place.participant.archived else Unchanged()


def clear_conversation(_: ClearConversation, known: Known, __: datetime) -> Decision:
    """Whoever is in it may, also before anything was said. Until something newer is said there is no more to clear."""
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    last_seq = known.part(NUMBERING).last_seq
    if place.participant.cleared_seq == last_seq:
        return Unchanged({"cleared_seq": last_seq})
    return [ConversationCleared(last_seq)]
