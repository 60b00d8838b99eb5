"""Answering message requests over HTTP."""

from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.features.conversations.decider import AcceptMessageRequest, DeclineMessageRequest
from services.command.features.conversations.forms import InConversation
from services.command.features.conversations.refusals import (
    NoMessageRequest,
    NothingHere,
    OnlyRecipientMay,
    RequestIsAccepted,
)
from shared.identifiers import ConversationId
from shared.web.fields import Nothing
from shared.web.routes import Route


async def accept_message_request(asked: Asked[Nothing, InConversation]) -> Accepted:
    """Wants to be written to."""
    return await asked.dispatch(AcceptMessageRequest(ConversationId(asked.path.conversation_id)))


async def decline_message_request(asked: Asked[Nothing, InConversation]) -> Accepted:
    """Does not want to be written to."""
    return await asked.dispatch(DeclineMessageRequest(ConversationId(asked.path.conversation_id)))


REQUESTING_ROUTES = (
    Route(
        "POST",
        "/v1/message-requests/{conversation_id}/accept",
        "Accept a message request",
        accept_message_request,
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere, NoMessageRequest, OnlyRecipientMay),
        description=(
            "Whoever was asked may, also once they declined; sending a message accepts as well. It is a conversation "
            "like any other from then on: in my list, and with what I have read shown to the other one."
        ),
    ),
    Route(
        "POST",
        "/v1/message-requests/{conversation_id}/decline",
        "Decline a message request",
        decline_message_request,
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere, NoMessageRequest, OnlyRecipientMay, RequestIsAccepted),
        description=(
            "Whoever was asked may, until they accept. Whoever asked is not told, but can send no more: their next "
            "message is refused as `request-declined`."
        ),
    ),
)
