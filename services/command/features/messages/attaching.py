"""What goes with a message: which attachments each type of content has, and which messages a file is attached to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.command.deciding import Known, Refusal, RowKey, RowKind
from services.command.features.messages.numbering import own_message_id
from services.command.features.messages.refusals import (
    MEDIA_LIMIT,
    AttachmentsDoNotFit,
    DurationIsMissing,
    FileIsOfAnotherKind,
    NoSuchFileOfYours,
)
from shared.events.domain_event import Recorded
from shared.events.messages import Attachment, AttachmentKind, ContentType, MessageSent
from shared.identifiers import FileId, MessageId

MediaTypes = Mapping[FileId, str]
"""Of files that are somebody's own, each with its media type."""

MEDIA_OF: Mapping[AttachmentKind, tuple[str, ...]] = {
    "image": ("image/",),
    "video": ("video/",),
    "voice": ("audio/", "video/"),  # recorders use containers that do not tell whether there are pictures in them
    "file": ("",),
}
TELLS_NOTHING = frozenset({"application/octet-stream", "text/plain"})
"""What a content that nothing is known by is taken for: it may be anything."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file is attached to the message with this number. Whether that was unsent is known of the message."""

    seq: int


def attached_key(file_id: FileId, message_id: MessageId) -> str:
    """The key of an attached file's row: those of one file begin alike, with its id and a space."""
    return f"{file_id} {message_id}"


def _touched(recorded: Recorded) -> Sequence[str]:
    match recorded.event:
        case MessageSent(attachments=attachments) if attachments:
            message_id = MessageId(recorded.command_id)
            return [attached_key(file_id, message_id) for file_id in files_among(attachments)]
        case _:
            return ()


def _attached(attached: Attached | None, _: str, recorded: Recorded) -> Attached | None:
    match recorded.event:
        case MessageSent(seq=seq):
            return Attached(seq)
        case _:
            return attached


ATTACHMENT = RowKind("attachment", Attached, _touched, _attached)


def files_among(attachments: Iterable[Attachment]) -> list[FileId]:
    """The files, each once."""
    return list(dict.fromkeys(each.file_id for each in attachments if each.file_id is not None))


def needs_attached(file_id: FileId, message_id: MessageId) -> RowKey:
    """The need for the row that says whether a file is attached to a message."""
    return RowKey(ATTACHMENT, attached_key(file_id, message_id))


def needs_of_attaching(attachments: Sequence[Attachment], known: Known) -> Iterable[RowKey]:
    """The rows of the files that go with the message that the present command sends."""
    return [needs_attached(file_id, own_message_id(known)) for file_id in files_among(attachments)]


def in_order(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """As they are shown: by sort_order, of those with the same one the first first."""
    return tuple(sorted(attachments, key=lambda each: each.sort_order))


def attachments_refusal(
    content_type: ContentType, attachments: Sequence[Attachment], media_types: MediaTypes
) -> Refusal | None:
    """What is wrong with what goes with a message of this type. `media_types` has the sender's own files."""
    if not _fit(content_type, [each.kind for each in attachments]):
        return AttachmentsDoNotFit(content_type)
    for place, attachment in enumerate(attachments):
        refusal = _attachment_refusal(place, attachment, media_types)
        if refusal is not None:
            return refusal
    return None


def _fit(content_type: ContentType, kinds: Sequence[AttachmentKind]) -> bool:
    match content_type:
        case "text" | "shared_post":
            return not kinds
        case "image" | "file" | "voice":
            return kinds == [content_type]
        case "media":
            return 1 <= len(kinds) <= MEDIA_LIMIT and set(kinds) <= {"image", "video"}


def _attachment_refusal(place: int, attachment: Attachment, media_types: MediaTypes) -> Refusal | None:
    if attachment.kind == "voice" and attachment.duration is None:
        return DurationIsMissing(place)
    if attachment.file_id is None:
        return None
    media_type = media_types.get(attachment.file_id)
    if media_type is None:
        return NoSuchFileOfYours(place)
    may_be_it = media_type in TELLS_NOTHING or media_type.startswith(MEDIA_OF[attachment.kind])
    return None if may_be_it else FileIsOfAnotherKind(place)
