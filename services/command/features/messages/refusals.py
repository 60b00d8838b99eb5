"""What can be wrong with what is asked of a message."""

from dataclasses import dataclass
from typing import ClassVar

from services.command.deciding import Refusal

TEXT_LIMIT = 4_000
AGENT_TEXT_LIMIT = 100_000


@dataclass(frozen=True)
class NoSuchMessage(Refusal):
    status: ClassVar[int] = 404
    code: ClassVar[str] = "no-such-message"
    title: ClassVar[str] = "There is no such message in this conversation"


@dataclass(frozen=True)
class TextIsBlank(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "text-is-blank"
    title: ClassVar[str] = "A message must have more than white space"
    pointer: ClassVar[str | None] = "/content"


@dataclass(frozen=True)
class TextIsTooLong(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "text-is-too-long"
    title: ClassVar[str] = (
        f"A message has at most {TEXT_LIMIT} characters, in a conversation with an agent {AGENT_TEXT_LIMIT}"
    )
    pointer: ClassVar[str | None] = "/content"


@dataclass(frozen=True)
class RepliedToIsMissing(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "replied-to-is-missing"
    title: ClassVar[str] = "What is replied to is no message of this conversation"
    pointer: ClassVar[str | None] = "/reply_to_id"


@dataclass(frozen=True)
class EarlierIsMissing(Refusal):
    code: ClassVar[str] = "earlier-is-missing"
    title: ClassVar[str] = "The message that must come before this one is not in the conversation"


@dataclass(frozen=True)
class OnlySenderMay(Refusal):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "only-sender"
    title: ClassVar[str] = "Only who sent the message may edit it"


@dataclass(frozen=True)
class OnlySenderOrLeadersMay(Refusal):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "only-sender-or-leaders"
    title: ClassVar[str] = "Only who sent the message, or a group's owner or admin, may unsend it"


@dataclass(frozen=True)
class MessageIsUnsent(Refusal):
    code: ClassVar[str] = "message-is-unsent"
    title: ClassVar[str] = "The message was unsent: nothing of it is left"


@dataclass(frozen=True)
class BeyondLastMessage(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "beyond-last-message"
    title: ClassVar[str] = "The conversation has no message with this number yet"
    pointer: ClassVar[str | None] = "/seq"
