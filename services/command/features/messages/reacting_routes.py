"""Reacting to messages over HTTP."""

from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.features.conversations.refusals import NothingHere, RequestMustBeAccepted
from services.command.features.messages.decider import RemoveReaction, SetReaction
from services.command.features.messages.forms import OfMessage
from services.command.features.messages.refusals import MessageIsUnsent, NoSuchMessage
from shared.events.messages import ReactionKind
from shared.identifiers import ConversationId, MessageId
from shared.web.fields import Nothing, Sent
from shared.web.routes import Route


class NewReaction(Sent):
    """How I react."""

    kind: ReactionKind


async def set_reaction(asked: Asked[NewReaction, OfMessage]) -> Accepted:
    """Reacts to a message."""
    path = asked.path
    return await asked.dispatch(
        SetReaction(ConversationId(path.conversation_id), MessageId(path.message_id), asked.body.kind)
    )


async def remove_reaction(asked: Asked[Nothing, OfMessage]) -> Accepted:
    """Takes the reaction back."""
    path = asked.path
    return await asked.dispatch(RemoveReaction(ConversationId(path.conversation_id), MessageId(path.message_id)))


REACTING_ROUTES = (
    Route(
        "PUT",
        "/v1/conversations/{conversation_id}/messages/{message_id}/reaction",
        "React to a message",
        set_reaction,
        CommandAccepted,
        body=NewReaction,
        parameters=OfMessage,
        refusals=(NothingHere, NoSuchMessage, MessageIsUnsent, RequestMustBeAccepted),
        description=(
            "I have one reaction to a message, and the last one counts. Everybody in the conversation may react to "
            "everything that they see in it: to their own messages and to system messages too. "
            "Whoever was sent a message request accepts it first."
        ),
    ),
    Route(
        "DELETE",
        "/v1/conversations/{conversation_id}/messages/{message_id}/reaction",
        "Take my reaction to a message back",
        remove_reaction,
        CommandAccepted,
        parameters=OfMessage,
        refusals=(NothingHere, NoSuchMessage, MessageIsUnsent, RequestMustBeAccepted),
    ),
)
