"""A person, a message, and the bookmark of it."""

from services.command.features.bookmarks.decider import (
    BOOKMARKS,
    ChangeBookmarkNote,
    SwitchBookmarkOff,
    SwitchBookmarkOn,
    Target,
    ToggleBookmark,
)
from services.command.features.people.decider import PEOPLE
from shared.events.bookmarks import BookmarkNoteChanged, BookmarkToggled
from shared.events.domain_event import DomainEvent
from shared.identifiers import ConversationId, StreamId, UserId, bookmark_id_of, derived_id
from tests.specs.deciding import Scene

ANNA = UserId(derived_id("person", "anna"))
PIER = ConversationId(derived_id("conversation", "pier"))
MESSAGE = derived_id("message", "the boat leaves at nine")
TARGET = Target("message", MESSAGE, PIER)
BOOKMARK_ID = bookmark_id_of(ANNA, "message", MESSAGE)
FILE = Target("file", derived_id("file", "tides"))


def given(*events: DomainEvent) -> Scene:
    """This happened to Anna's bookmarks."""
    scene = Scene(StreamId(ANNA), (PEOPLE, BOOKMARKS))
    for event in events:
        scene.happened(ANNA, event)
    return scene


def toggle(note: str | None = None, *, may_read: bool = True) -> ToggleBookmark:
    """Anna toggles the bookmark of the message."""
    return ToggleBookmark(ANNA, TARGET, note, may_read)


def keep(note: str | None = None, *, may_read: bool = True) -> SwitchBookmarkOn:
    """Anna wants it on."""
    return SwitchBookmarkOn(ANNA, TARGET, note, may_read)


def drop() -> SwitchBookmarkOff:
    """Anna wants it off; she need not say in which conversation the message is."""
    return SwitchBookmarkOff(ANNA, Target("message", MESSAGE))


def annotate(note: str | None) -> ChangeBookmarkNote:
    """Anna writes another note."""
    return ChangeBookmarkNote(ANNA, BOOKMARK_ID, note)


def on(note: str | None = None) -> BookmarkToggled:
    """It was switched on."""
    return BookmarkToggled(BOOKMARK_ID, "message", MESSAGE, True, conversation_id=PIER, note=note)


def off() -> BookmarkToggled:
    """It was switched off."""
    return BookmarkToggled(BOOKMARK_ID, "message", MESSAGE, False, conversation_id=PIER)


def noted(note: str | None) -> BookmarkNoteChanged:
    """The note was changed."""
    return BookmarkNoteChanged(BOOKMARK_ID, note)
