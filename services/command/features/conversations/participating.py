"""People come, go, and change their roles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import AllRows, Decision, Known, Need, Unchanged
from services.command.features.conversations.conversation import (
    CONVERSATION,
    PARTICIPANT,
    OfConversation,
    Participant,
    Place,
    changeable_place_of,
    needs_participant,
    place_that_leads,
)
from services.command.features.conversations.notices import needs_notices, told_to_group
from services.command.features.conversations.refusals import (
    PARTICIPANTS_LIMIT,
    ConversationIsFull,
    NoSuchParticipant,
    OnlyOwnerMay,
    OwnerCannotBeRemoved,
    OwnershipMustBeHandedOver,
    ParticipantHasOtherRole,
    ParticipantIsUnknown,
)
from services.command.features.messages.numbering import NUMBERING
from shared.events.conversations import (
    ConversationDeleted,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
    ParticipantRoleChanged,
    Role,
)
from shared.events.domain_event import DomainEvent
from shared.identifiers import UserId


@dataclass(frozen=True, slots=True)
class AddParticipant(OfConversation):
    """This person is to be in it; without a role, as a member. `unknown_ids` names them when they have no account."""

    user_id: UserId
    role: Role | None = None
    unknown_ids: Sequence[UserId] = ()


@dataclass(frozen=True, slots=True)
class RemoveParticipant(OfConversation):
    """This person is to be in it no more; the actor naming themselves leaves."""

    user_id: UserId


@dataclass(frozen=True, slots=True)
class ChangeParticipantRole(OfConversation):
    """This person is to have this role. To give the owner's is to hand it over."""

    user_id: UserId
    role: Role


Participating = AddParticipant | RemoveParticipant | ChangeParticipantRole


def needs_both(command: Participating, known: Known) -> Iterable[Need]:
    """The rows of who asks and of who it is about, and the notices'."""
    return [needs_participant(known.actor), needs_participant(command.user_id), *needs_notices(known)]


def needs_of_removing(command: RemoveParticipant, known: Known) -> Iterable[Need]:
    """Everybody's rows besides, when the owner leaves: one of them inherits."""
    yield from needs_both(command, known)
    conversation = known.part(CONVERSATION)
    if conversation is not None and conversation.owner_id == known.actor == command.user_id:
        yield AllRows(PARTICIPANT)


def add_participant(command: AddParticipant, known: Known, _: datetime) -> Decision:
    """The owner and admins add members, the owner also admins. They see all history; their markers start at its end."""
    place = place_that_leads(known.actor, known)
    if not isinstance(place, Place):
        return place
    role = command.role or "member"
    if role != "member" and not place.owns:
        return OnlyOwnerMay()
    present = known.row(PARTICIPANT, command.user_id)
    if present is not None:
        return Unchanged() if command.role in {None, present.role} else ParticipantHasOtherRole()
    if command.unknown_ids:
        return ParticipantIsUnknown(tuple(command.unknown_ids))
    if place.conversation.participant_count >= PARTICIPANTS_LIMIT:
        return ConversationIsFull()
    added = ParticipantAdded(command.user_id, known.part(NUMBERING).last_seq, role)
    return told_to_group(place.conversation, known, [added])


def remove_participant(command: RemoveParticipant, known: Known, _: datetime) -> Decision:
    """The owner and admins remove members, the owner also admins; everybody may leave."""
    if command.user_id == known.actor:
        return _leave(known)
    place = place_that_leads(known.actor, known)
    if not isinstance(place, Place):
        return place
    target = known.row(PARTICIPANT, command.user_id)
    if target is None:
        return NoSuchParticipant()
    if target.role == "owner":
        return OwnerCannotBeRemoved()
    if target.role == "admin" and not place.owns:
        return OnlyOwnerMay()
    return told_to_group(place.conversation, known, [ParticipantRemoved(command.user_id)])


def _leave(known: Known) -> Decision:
    place = changeable_place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    if place.conversation.participant_count == 1:
        return [ParticipantLeft(), ConversationDeleted()]
    left: list[DomainEvent] = [ParticipantLeft()]
    if place.owns:
        left.append(ParticipantRoleChanged(heir_of(known.actor, known.rows(PARTICIPANT)), "owner"))
    return told_to_group(place.conversation, known, left)


def heir_of(owner_id: UserId, participants: Mapping[str, Participant]) -> UserId:
    """Who becomes owner after this one: the admin who has been in it for longest, else the member who has."""

    def rank(user_id: str) -> tuple[bool, int, int]:
        each = participants[user_id]
        return each.role != "admin", each.joined_version, each.joined_place

    return UserId(min((each for each in participants if each != owner_id), key=rank))


def change_participant_role(command: ChangeParticipantRole, known: Known, _: datetime) -> Decision:
    """Only the owner gives and takes roles. Who hands ownership over becomes an admin."""
    place = changeable_place_of(known.actor, known)
    if not isinstance(place, Place):
        return place
    if not place.owns:
        return OnlyOwnerMay()
    target = known.row(PARTICIPANT, command.user_id)
    if target is None:
        return NoSuchParticipant()
    if target.role == command.role:
        return Unchanged()
    if command.user_id == known.actor:
        return OwnershipMustBeHandedOver()
    changes = [ParticipantRoleChanged(command.user_id, command.role)]
    if command.role == "owner":
        changes.append(ParticipantRoleChanged(known.actor, "admin"))
    return told_to_group(place.conversation, known, changes)
