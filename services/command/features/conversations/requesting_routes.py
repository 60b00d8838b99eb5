"""Answering message requests over HTTP."""

from services.command.asking import CommandAccepted
from services.command.features.conversations.decider import AcceptMessageRequest, DeclineMessageRequest
from services.command.features.conversations.forms import InConversation, of_conversation
from services.command.features.conversations.refusals import (
    NoMessageRequest,
    NothingHere,
    OnlyRecipientMay,
    RequestIsAccepted,
)
from shared.web.routes import Route

REQUESTING_ROUTES = (
    Route(
        "POST",
        "/v1/message-requests/{conversation_id}/accept",
        "Accept a message request",
        of_conversation(AcceptMessageRequest),
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
        of_conversation(DeclineMessageRequest),
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere, NoMessageRequest, OnlyRecipientMay, RequestIsAccepted),
        description=(
            "Whoever was asked may, until they accept. Whoever asked is not told, but can send no more: their next "
            "message is refused as `request-declined`."
        ),
    ),
)
