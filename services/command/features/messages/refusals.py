"""What can be wrong with what is asked of a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from services.command.deciding import Refusal
from shared.events.messages import ContentType

TEXT_LIMIT = 4_000
AGENT_TEXT_LIMIT = 100_000
MEDIA_LIMIT = 10


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
class AttachmentsDoNotFit(Refusal):
    """Says what a message of this type has."""

    content_type: ContentType
    status: ClassVar[int] = 422
    code: ClassVar[str] = "attachments-do-not-fit"
    title: ClassVar[str] = "A message of this type has other attachments"
    pointer: ClassVar[str | None] = "/attachments"

    @property
    def detail(self) -> str:
        """What would fit."""
        return FITTING[self.content_type]


FITTING: Mapping[ContentType, str] = {
    "text": "a text has no attachments",
    "image": "an image has exactly one attachment, of the kind image",
    "file": "a file has exactly one attachment, of the kind file",
    "voice": "a voice message has exactly one attachment, of the kind voice",
    "media": f"media are 1 to {MEDIA_LIMIT} attachments, of the kinds image and video",
    "shared_post": "a shared post has no attachments",
}


@dataclass(frozen=True)
class AttachmentIsWrong(Refusal):
    """Something is wrong with the attachment that was sent in this place, counted from 0."""

    place: int
    status: ClassVar[int] = 422
    field: ClassVar[str]

    @property
    def points_at(self) -> str:
        """The field of the attachment."""
        return f"/attachments/{self.place}/{self.field}"


@dataclass(frozen=True)
class DurationIsMissing(AttachmentIsWrong):
    code: ClassVar[str] = "duration-is-missing"
    title: ClassVar[str] = "A voice message says how many seconds it takes"
    field: ClassVar[str] = "duration"


@dataclass(frozen=True)
class NoSuchFileOfYours(AttachmentIsWrong):
    code: ClassVar[str] = "no-such-file-of-yours"
    title: ClassVar[str] = "You have uploaded no such file"
    field: ClassVar[str] = "file_id"


@dataclass(frozen=True)
class FileIsOfAnotherKind(AttachmentIsWrong):
    code: ClassVar[str] = "file-is-of-another-kind"
    title: ClassVar[str] = "The file's content is not of this kind"
    field: ClassVar[str] = "kind"


@dataclass(frozen=True)
class SharedPostIsMissing(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "shared-post-is-missing"
    title: ClassVar[str] = "A shared post names the post, and no other message does"
    pointer: ClassVar[str | None] = "/shared_post_id"


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
