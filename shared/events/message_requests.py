"""What becomes of a direct conversation that a stranger starts with somebody who wants to be asked first.

Stream: the conversation.
"""

from typing import ClassVar, Literal

from shared.events.domain_event import DomainEvent
from shared.identifiers import UserId

RequestState = Literal["pending", "accepted", "declined"]


class MessageRequested(DomainEvent, frozen=True):
    """The actor started it, and `recipient_id`, the other person, is asked whether they want to be written to."""

    recorded_as: ClassVar[str] = "verbatim.message_request.made.v1"
    recipient_id: UserId


class MessageRequestAccepted(DomainEvent, frozen=True):
    """The actor, who was asked, wants to be written to: it is a conversation like any other from now on."""

    recorded_as: ClassVar[str] = "verbatim.message_request.accepted.v1"


class MessageRequestDeclined(DomainEvent, frozen=True):
    """The actor, who was asked, does not want to be written to. They may still accept."""

    recorded_as: ClassVar[str] = "verbatim.message_request.declined.v1"
