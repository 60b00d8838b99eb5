"""Message requests: a direct conversation with somebody who wants to be asked first, until they want it or not.

Whoever asks is not told what becomes of it before it is accepted: nothing that the recipient does until then is shown
to them, and of a decline they hear when they send the next message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Unchanged
from services.command.features.conversations.conversation import MessageRequest, OfConversation, Place, place_of
from services.command.features.conversations.refusals import (
    REQUEST_MESSAGES_LIMIT,
    NoMessageRequest,
    NothingHere,
    OnlyRecipientMay,
    RequestIsAccepted,
    RequestIsDeclined,
    RequestIsPending,
)
from shared.events.message_requests import MessageRequestAccepted, MessageRequestDeclined
from shared.identifiers import UserId


@dataclass(frozen=True, slots=True)
class AcceptMessageRequest(OfConversation):
    """The actor, who was asked, wants to be written to."""


@dataclass(frozen=True, slots=True)
class DeclineMessageRequest(OfConversation):
    """The actor, who was asked, does not want to be written to."""


def accept_message_request(_: AcceptMessageRequest, known: Known, __: datetime) -> Decision:
    """The recipient may, also once they declined. An accepted request stays so."""
    request = _request_to(known.actor, known)
    if not isinstance(request, MessageRequest):
        return request
    return Unchanged() if request.state == "accepted" else [MessageRequestAccepted()]


def decline_message_request(_: DeclineMessageRequest, known: Known, __: datetime) -> Decision:
    """The recipient may, as long as they have not accepted."""
    request = _request_to(known.actor, known)
    if not isinstance(request, MessageRequest):
        return request
    match request.state:
        case "pending":
            return [MessageRequestDeclined()]
        case "declined":
            return Unchanged()
        case "accepted":
            return RequestIsAccepted()


def _request_to(user_id: UserId, known: Known) -> MessageRequest | NothingHere | NoMessageRequest | OnlyRecipientMay:
    """The conversation's request. Whoever made it is told the same, however it stands."""
    place = place_of(user_id, known)
    if not isinstance(place, Place):
        return place
    request = place.conversation.request
    if request is None:
        return NoMessageRequest()
    return request if request.recipient_id == user_id else OnlyRecipientMay()


def waits_for(user_id: UserId, request: MessageRequest | None) -> bool:
    """Whether this person has been asked, and has not accepted."""
    return request is not None and request.recipient_id == user_id and request.state != "accepted"


def accepted_by_sending(
    request: MessageRequest | None, sender_id: UserId, seq: int
) -> Sequence[MessageRequestAccepted] | RequestIsDeclined | RequestIsPending:
    """What follows for a request from a message of this person that would get this seq; a refusal, if it may not.

    Until a request is accepted, all messages are theirs who made it, so that `seq` counts them.
    """
    if request is None or request.state == "accepted":
        return ()
    if request.recipient_id == sender_id:
        return (MessageRequestAccepted(),)
    if request.state == "declined":
        return RequestIsDeclined()
    return RequestIsPending() if seq > REQUEST_MESSAGES_LIMIT else ()
