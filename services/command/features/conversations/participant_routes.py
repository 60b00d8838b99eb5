"""Who is in a conversation, over HTTP."""

from typing import Literal

from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.features.conversations.decider import AddParticipant, ChangeParticipantRole, RemoveParticipant
from services.command.features.conversations.forms import InConversation
from services.command.features.conversations.refusals import (
    ConversationIsFull,
    DirectConversationIsFixed,
    NoSuchParticipant,
    NothingHere,
    OnlyOwnerMay,
    OnlyOwnerOrAdminMay,
    OwnerCannotBeRemoved,
    OwnershipMustBeHandedOver,
    ParticipantHasOtherRole,
    ParticipantIsUnknown,
)
from shared.events.conversations import Role
from shared.identifiers import ConversationId, UserId
from shared.web.fields import Id, Nothing, Sent
from shared.web.routes import Route


class NewParticipant(Sent):
    """Somebody to add: as a member, where no role is given."""

    user_id: Id
    role: Literal["admin", "member"] | None = None


class NewRole(Sent):
    """The role that somebody is to have."""

    role: Role


class AboutParticipant(InConversation):
    """Which conversation, and who of it."""

    user_id: Id


async def add_participant(asked: Asked[NewParticipant, InConversation]) -> Accepted:
    """Adds somebody."""
    user_id = UserId(asked.body.user_id)
    unknown = await asked.parts.accounts.unknown_among([user_id])
    return await asked.dispatch(
        AddParticipant(ConversationId(asked.path.conversation_id), user_id, asked.body.role, unknown)
    )


async def remove_participant(asked: Asked[Nothing, AboutParticipant]) -> Accepted:
    """Removes somebody, or leaves."""
    return await asked.dispatch(
        RemoveParticipant(ConversationId(asked.path.conversation_id), UserId(asked.path.user_id))
    )


async def change_participant_role(asked: Asked[NewRole, AboutParticipant]) -> Accepted:
    """Gives somebody a role."""
    return await asked.dispatch(
        ChangeParticipantRole(ConversationId(asked.path.conversation_id), UserId(asked.path.user_id), asked.body.role)
    )


PARTICIPANT_ROUTES = (
    Route(
        "POST",
        "/v1/conversations/{conversation_id}/participants",
        "Add somebody to a conversation",
        add_participant,
        CommandAccepted,
        body=NewParticipant,
        parameters=InConversation,
        refusals=(
            NothingHere,
            DirectConversationIsFixed,
            OnlyOwnerOrAdminMay,
            OnlyOwnerMay,
            ParticipantHasOtherRole,
            ParticipantIsUnknown,
            ConversationIsFull,
        ),
        creates=True,
        description="The owner and admins add members; the owner adds admins too. A new member sees all history.",
    ),
    Route(
        "DELETE",
        "/v1/conversations/{conversation_id}/participants/{user_id}",
        "Remove somebody from a conversation, or leave it",
        remove_participant,
        CommandAccepted,
        parameters=AboutParticipant,
        refusals=(
            NothingHere,
            DirectConversationIsFixed,
            OnlyOwnerOrAdminMay,
            NoSuchParticipant,
            OwnerCannotBeRemoved,
            OnlyOwnerMay,
        ),
        description=(
            "Everybody may leave. When the owner leaves, the oldest admin, else the oldest member, becomes owner; "
            "when the last one leaves, the conversation is deleted."
        ),
    ),
    Route(
        "PATCH",
        "/v1/conversations/{conversation_id}/participants/{user_id}",
        "Change somebody's role",
        change_participant_role,
        CommandAccepted,
        body=NewRole,
        parameters=AboutParticipant,
        refusals=(
            NothingHere,
            DirectConversationIsFixed,
            OnlyOwnerMay,
            NoSuchParticipant,
            OwnershipMustBeHandedOver,
        ),
        description="Only the owner may. Who makes somebody else owner becomes an admin.",
    ),
)
