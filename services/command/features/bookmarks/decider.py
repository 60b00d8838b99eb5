"""A person's bookmarks: switched on with access to the target, off and annotated without."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from services.command.deciding import (
    Decider,
    Decision,
    Known,
    Need,
    Refusal,
    Result,
    RowKey,
    RowKind,
    Rule,
    Stream,
    Unchanged,
)
from services.command.features.people.decider import unless_deactivated
from shared.events.bookmarks import BookmarkNoteChanged, BookmarkToggled, TargetType
from shared.events.domain_event import Recorded
from shared.identifiers import BookmarkId, ConversationId, StreamId, StreamKind, UserId, bookmark_id_of


@dataclass(frozen=True, slots=True)
class Target:
    """What is kept, and where it is found: a message in its conversation, a file wherever it is attached."""

    type: TargetType
    id: str
    conversation_id: ConversationId | None = None

    @property
    def is_placed(self) -> bool:
        """Whether the conversation is named where there must be one, and nowhere else."""
        return (self.type == "message") == (self.conversation_id is not None)


@dataclass(frozen=True, slots=True)
class AboutBookmarks:
    """What a command about a person's own bookmarks begins with."""

    user_id: UserId

    @property
    def stream(self) -> Stream:
        """The person's."""
        return Stream(StreamKind.USERS, StreamId(self.user_id))


@dataclass(frozen=True, slots=True)
class AboutTarget(AboutBookmarks):
    """What a command about the bookmark of a target begins with."""

    target: Target

    @property
    def bookmark_id(self) -> BookmarkId:
        """A function of the person and the target."""
        return bookmark_id_of(self.user_id, self.target.type, self.target.id)


@dataclass(frozen=True, slots=True)
class ToggleBookmark(AboutTarget):
    """Switches on what is off, and off what is on. `may_read`: whether the target was theirs to read when asked."""

    note: str | None
    may_read: bool


@dataclass(frozen=True, slots=True)
class SwitchBookmarkOn(AboutTarget):
    """Keeps the target with this note, or with none."""

    note: str | None
    may_read: bool


@dataclass(frozen=True, slots=True)
class SwitchBookmarkOff(AboutTarget):
    """Keeps the target no longer."""


@dataclass(frozen=True, slots=True)
class ChangeBookmarkNote(AboutBookmarks):
    """Puts another note beside a bookmark, or none."""

    bookmark_id: BookmarkId
    note: str | None


@dataclass(frozen=True)
class TargetNotFound(Refusal):
    """Unknown, or not theirs to read: the same to them."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "not-found"
    title: ClassVar[str] = "There is nothing here, or nothing that is yours to know"


@dataclass(frozen=True)
class ConversationDoesNotFit(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "conversation-does-not-fit"
    title: ClassVar[str] = "The bookmark of a message names its conversation, that of a file none"
    pointer: ClassVar[str | None] = "/conversation_id"


@dataclass(frozen=True)
class BookmarkNotFound(Refusal):
    status: ClassVar[int] = 404
    code: ClassVar[str] = "bookmark-not-found"
    title: ClassVar[str] = "You have no such bookmark"


@dataclass(frozen=True, slots=True)
class Kept:
    """A bookmark that is on."""

    target: Target
    note: str | None


def touched(recorded: Recorded) -> list[str]:
    """The bookmark that an event is about."""
    event = recorded.event
    return [event.bookmark_id] if isinstance(event, BookmarkToggled | BookmarkNoteChanged) else []


def evolve_bookmark(kept: Kept | None, key: str, recorded: Recorded) -> Kept | None:  # noqa: ARG001  # a row's form
    """The bookmark after one more event about it."""
    event = recorded.event
    if isinstance(event, BookmarkToggled):
        target = Target(event.target_type, event.target_id, event.conversation_id)
        return Kept(target, event.note) if event.bookmarked else None
    if isinstance(event, BookmarkNoteChanged) and kept is not None:
        return replace(kept, note=event.note)
    return kept


BOOKMARK = RowKind("bookmark", Kept, touched, evolve_bookmark)


def the_bookmark(command: AboutTarget | ChangeBookmarkNote, known: Known) -> list[Need]:  # noqa: ARG001  # a need's form
    """Every rule here goes by the one bookmark that it is about."""
    return [RowKey(BOOKMARK, command.bookmark_id)]


def toggle_bookmark(command: ToggleBookmark, known: Known, now: datetime) -> Decision:  # noqa: ARG001  # a rule's form
    """Off, if it is on; else on."""
    if not command.target.is_placed:
        return ConversationDoesNotFit()
    kept = known.row(BOOKMARK, command.bookmark_id)
    return switched_on(command) if kept is None else [switched_off(command, kept)]


def switch_on(command: SwitchBookmarkOn, known: Known, now: datetime) -> Decision:  # noqa: ARG001  # a rule's form
    """On; where it is on already, its note is replaced and it stays where it stands in the list."""
    if not command.target.is_placed:
        return ConversationDoesNotFit()
    kept = known.row(BOOKMARK, command.bookmark_id)
    if kept is None:
        return switched_on(command)
    if kept.note == command.note:
        return Unchanged(answer(command.bookmark_id, bookmarked=True))
    return [BookmarkNoteChanged(command.bookmark_id, command.note)]


def switch_off(command: SwitchBookmarkOff, known: Known, now: datetime) -> Decision:  # noqa: ARG001  # a rule's form
    """Off, whether or not the target is still theirs to read."""
    kept = known.row(BOOKMARK, command.bookmark_id)
    if kept is None:
        return Unchanged(answer(command.bookmark_id, bookmarked=False))
    return [switched_off(command, kept)]


def change_note(command: ChangeBookmarkNote, known: Known, now: datetime) -> Decision:  # noqa: ARG001  # a rule's form
    """Another note, also beside what is no longer theirs to read."""
    kept = known.row(BOOKMARK, command.bookmark_id)
    if kept is None:
        return BookmarkNotFound()
    if kept.note == command.note:
        return Unchanged(answer(command.bookmark_id, bookmarked=True))
    return [BookmarkNoteChanged(command.bookmark_id, command.note)]


def switched_on(command: ToggleBookmark | SwitchBookmarkOn) -> Decision:
    """On, with the note given or none; only for what the person may read."""
    if not command.may_read:
        return TargetNotFound()
    target = command.target
    return [
        BookmarkToggled(
            command.bookmark_id, target.type, target.id, True, conversation_id=target.conversation_id, note=command.note
        )
    ]


def switched_off(command: AboutTarget, kept: Kept) -> BookmarkToggled:
    """Off; the event says where the target was, as it was kept."""
    target = kept.target
    return BookmarkToggled(command.bookmark_id, target.type, target.id, False, conversation_id=target.conversation_id)


def answer(bookmark_id: BookmarkId, *, bookmarked: bool) -> dict[str, str | bool]:
    """What every command about a bookmark answers."""
    return {"bookmark_id": bookmark_id, "bookmarked": bookmarked}


def result(recorded: Recorded) -> Result:
    """What the command that led to this event is answered."""
    event = recorded.event
    if isinstance(event, BookmarkToggled):
        return answer(event.bookmark_id, bookmarked=event.bookmarked)
    if isinstance(event, BookmarkNoteChanged):
        return answer(event.bookmark_id, bookmarked=True)
    return {}


BOOKMARKS: Decider[None] = Decider(
    name="bookmarks",
    kind=StreamKind.USERS,
    state=type(None),
    empty=None,
    evolve=lambda state, _: state,
    rules=(
        Rule(ToggleBookmark, unless_deactivated(toggle_bookmark), the_bookmark),
        Rule(SwitchBookmarkOn, unless_deactivated(switch_on), the_bookmark),
        Rule(SwitchBookmarkOff, unless_deactivated(switch_off), the_bookmark),
        Rule(ChangeBookmarkNote, unless_deactivated(change_note), the_bookmark),
    ),
    rows=(BOOKMARK,),
    result=result,
)
