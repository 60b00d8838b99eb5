"""Keeping messages and files for later, over HTTP."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted, Refused
from services.command.feature import Feature
from services.command.features.bookmarks.decider import (
    BOOKMARKS,
    BookmarkNotFound,
    ChangeBookmarkNote,
    ConversationDoesNotFit,
    SwitchBookmarkOff,
    SwitchBookmarkOn,
    Target,
    TargetNotFound,
    ToggleBookmark,
)
from services.command.features.files.reading import file_to_read
from services.command.features.messages.facts import MayReadMessage
from shared.events.bookmarks import TargetType
from shared.identifiers import BookmarkId, ConversationId, FileId, MessageId
from shared.web.fields import Id, Nothing, Parameters, Sent
from shared.web.routes import Route

NOTE_LIMIT = 1_000


def _none_if_blank(text: str) -> str | None:
    return text if text.strip() else None


Note = Annotated[
    str,
    StringConstraints(max_length=NOTE_LIMIT),
    AfterValidator(_none_if_blank),
    Field(description=f"At most {NOTE_LIMIT} characters; white space alone is none"),
]


WHERE = "where a message is; a file has none"


def target_of(kind: TargetType, target_id: str, conversation_id: str | None) -> Target:
    """What is meant, and where it is."""
    return Target(kind, target_id, ConversationId(conversation_id) if conversation_id is not None else None)


class ToggledTarget(Sent):
    """What to keep, or to keep no longer."""

    type: TargetType
    target_id: Id
    conversation_id: Id | None = Field(None, description=WHERE)
    note: Note | None = None

    @property
    def target(self) -> Target:
        """The message and its conversation, or the file."""
        return target_of(self.type, self.target_id, self.conversation_id)


class TargetPath(Parameters):
    """A target, named in the path."""

    type: TargetType
    target_id: Id


class KeptTarget(Sent):
    """Where the target is, and what to note beside it."""

    conversation_id: Id | None = Field(None, description=WHERE)
    note: Note | None = None


class BookmarkPath(Parameters):
    """A bookmark, named in the path."""

    bookmark_id: Id


class NoteBody(Sent):
    """The note beside a bookmark; null removes it."""

    note: Note | None


class BookmarkAccepted(CommandAccepted, frozen=True, kw_only=True):
    """What the command led to."""

    bookmark_id: str
    bookmarked: bool


async def toggle_bookmark(asked: Asked[ToggledTarget]) -> Accepted:
    """Switches on what is off, and off what is on."""
    target, note = asked.body.target, asked.body.note
    return await asked.dispatch(ToggleBookmark(asked.by, target, note, await _may_read(asked, target)))


async def switch_bookmark_on(asked: Asked[KeptTarget, TargetPath]) -> Accepted:
    """Keeps the target, whether or not it was kept before."""
    target = target_of(asked.path.type, asked.path.target_id, asked.body.conversation_id)
    return await asked.dispatch(SwitchBookmarkOn(asked.by, target, asked.body.note, await _may_read(asked, target)))


async def switch_bookmark_off(asked: Asked[Nothing, TargetPath]) -> Accepted:
    """Keeps the target no longer."""
    return await asked.dispatch(SwitchBookmarkOff(asked.by, Target(asked.path.type, asked.path.target_id)))


async def change_bookmark_note(asked: Asked[NoteBody, BookmarkPath]) -> Accepted:
    """Puts another note beside a bookmark."""
    return await asked.dispatch(ChangeBookmarkNote(asked.by, BookmarkId(asked.path.bookmark_id), asked.body.note))


async def _may_read(asked: Asked[Any, Any, Any], target: Target) -> bool:
    """Whether the target is theirs to read. The decider refuses: a repeat comes before every rule, and so does off."""
    if target.type == "file":
        return await file_to_read(asked, FileId(target.id)) is not None
    if target.conversation_id is None:
        return False
    try:
        await asked.ask(MayReadMessage(target.conversation_id, MessageId(target.id), asked.by))
    except Refused:
        return False
    return True


ROUTES = (
    Route(
        "POST",
        "/v1/bookmarks/toggle",
        "Switch a bookmark on or off",
        toggle_bookmark,
        BookmarkAccepted,
        body=ToggledTarget,
        refusals=(TargetNotFound, ConversationDoesNotFit),
        description=(
            "It is recorded as what it led to: a repeat with the same key changes nothing. A message may be kept by "
            "whoever may read it, a file by its owner and by whoever may read a message that it is attached to."
        ),
    ),
    Route(
        "PUT",
        "/v1/bookmarks/{type}/{target_id}",
        "Switch a bookmark on",
        switch_bookmark_on,
        BookmarkAccepted,
        body=KeptTarget,
        parameters=TargetPath,
        refusals=(TargetNotFound, ConversationDoesNotFit),
        description="Where it is on already, its note becomes the one given, or none.",
    ),
    Route(
        "DELETE",
        "/v1/bookmarks/{type}/{target_id}",
        "Switch a bookmark off",
        switch_bookmark_off,
        BookmarkAccepted,
        parameters=TargetPath,
    ),
    Route(
        "PATCH",
        "/v1/bookmarks/{bookmark_id}",
        "Change the note beside a bookmark",
        change_bookmark_note,
        BookmarkAccepted,
        body=NoteBody,
        parameters=BookmarkPath,
        refusals=(BookmarkNotFound,),
    ),
)

FEATURE = Feature("bookmarks", deciders=(BOOKMARKS,), routes=ROUTES)
