"""Reactions: at most one for each person and message, notices included, of which the last wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Need, Refusal, RowKey, RowKind, Unchanged
from services.command.features.conversations.conversation import (
    CONVERSATION,
    PARTICIPANT,
    OfConversation,
    Participant,
    Place,
    needs_participant,
    place_of,
)
from services.command.features.conversations.refusals import NothingHere, RequestMustBeAccepted
from services.command.features.conversations.requesting import waits_for
from services.command.features.messages.joining import joined_before
from services.command.features.messages.numbering import MESSAGE, needs_message
from services.command.features.messages.refusals import MessageIsUnsent, NoSuchMessage
from shared.events.domain_event import Recorded
from shared.events.messages import ReactionKind, ReactionRemoved, ReactionSet
from shared.identifiers import MessageId, UserId


@dataclass(frozen=True, slots=True)
class SetReaction(OfConversation):
    """The actor reacts to a message."""

    message_id: MessageId
    kind: ReactionKind


@dataclass(frozen=True, slots=True)
class RemoveReaction(OfConversation):
    """The actor is to have no reaction to a message."""

    message_id: MessageId


@dataclass(frozen=True, slots=True)
class ImportReaction(OfConversation):
    """The actor reacted to a message elsewhere; if not yet in the conversation, they join just before.

    `occurred_at`: when the message was sent, since no archive says when somebody reacted.
    """

    message_id: MessageId
    kind: ReactionKind
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Reaction:
    """How somebody reacts to a message now."""

    kind: ReactionKind


def _key(message_id: MessageId, user_id: UserId) -> str:
    return f"{message_id} {user_id}"


def _touched(recorded: Recorded) -> Sequence[str]:
    match recorded.event:
        case ReactionSet(message_id=message_id) | ReactionRemoved(message_id=message_id):
            return (_key(message_id, recorded.actor),)
        case _:
            return ()


def _reaction(reaction: Reaction | None, _: str, recorded: Recorded) -> Reaction | None:
    match recorded.event:
        case ReactionSet(kind=kind):
            return Reaction(kind)
        case ReactionRemoved():
            return None
        case _:
            return reaction


REACTION = RowKind("reaction", Reaction, _touched, _reaction)


def needs_of_reacting(command: SetReaction | RemoveReaction | ImportReaction, known: Known) -> Iterable[Need]:
    """The actor's row, the message's, and that of the actor's reaction to it."""
    own_reaction = RowKey(REACTION, _key(command.message_id, known.actor))
    return [needs_participant(known.actor), needs_message(command.message_id), own_reaction]


def set_reaction(command: SetReaction, known: Known, _: datetime) -> Decision:
    """Whoever sees the message may, its sender too, but not once it is unsent. The same again changes nothing.

    Whoever was asked, and has not accepted, may not: it would tell that they have seen it.
    """
    return _not_open_to_reactions(command.message_id, known) or _set(command, known)


def import_reaction(command: ImportReaction, known: Known, _: datetime) -> Decision:
    """As setting one, by whoever could have: they need not be in the conversation yet."""
    conversation = known.part(CONVERSATION)
    if conversation is None or conversation.deleted:
        return NothingHere()
    joined = joined_before(command.occurred_at, conversation, known)
    if isinstance(joined, Refusal):
        return joined
    refusal = _not_to_be_reacted_to(command.message_id, known.row(PARTICIPANT, known.actor), known)
    if refusal is not None:
        return refusal
    reaction = _set(command, known)
    return reaction if isinstance(reaction, Unchanged) else [*joined, *reaction]


def _set(command: SetReaction | ImportReaction, known: Known) -> Sequence[ReactionSet] | Unchanged:
    present = known.row(REACTION, _key(command.message_id, known.actor))
    return Unchanged() if present == Reaction(command.kind) else [ReactionSet(command.message_id, command.kind)]


def remove_reaction(command: RemoveReaction, known: Known, _: datetime) -> Decision:
    """As setting one. Where there is none, nothing changes."""
    refusal = _not_open_to_reactions(command.message_id, known)
    if refusal is not None:
        return refusal
    present = known.row(REACTION, _key(command.message_id, known.actor))
    return Unchanged() if present is None else [ReactionRemoved(command.message_id)]


def _not_open_to_reactions(message_id: MessageId, known: Known) -> Refusal | None:
    place = place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    if waits_for(known.actor, place.conversation.request):
        return RequestMustBeAccepted()
    return _not_to_be_reacted_to(message_id, place.participant, known)


def _not_to_be_reacted_to(message_id: MessageId, participant: Participant | None, known: Known) -> Refusal | None:
    message = known.row(MESSAGE, message_id)
    if message is None or (participant is not None and not participant.sees(message.seq)):
        return NoSuchMessage()
    return MessageIsUnsent() if message.unsent else None
