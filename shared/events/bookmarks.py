"""What a person keeps for later. Stream: the user."""

from typing import ClassVar, Literal

from shared.events.domain_event import DomainEvent
from shared.identifiers import BookmarkId, ConversationId

TargetType = Literal["message", "file"]


class BookmarkToggled(DomainEvent, frozen=True):
    """A bookmark was switched on or off: recorded as what it led to, so that a repeat cannot undo it.

    `conversation_id` says where a message is; the bookmark of a file has none.
    """

    recorded_as: ClassVar[str] = "verbatim.bookmark.toggled.v1"
    bookmark_id: BookmarkId
    target_type: TargetType
    target_id: str
    bookmarked: bool
    conversation_id: ConversationId | None = None
    note: str | None = None


class BookmarkNoteChanged(DomainEvent, frozen=True):
    """The note beside a bookmark is another one, or none."""

    recorded_as: ClassVar[str] = "verbatim.bookmark.note_changed.v1"
    bookmark_id: BookmarkId
    note: str | None
