"""What may happen to a bookmark."""

from dataclasses import replace

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from services.command.deciding import Command, Refusal, Unchanged
from services.command.features.bookmarks.decider import (
    BOOKMARK,
    BOOKMARKS,
    BookmarkNotFound,
    ConversationDoesNotFit,
    Kept,
    SwitchBookmarkOff,
    SwitchBookmarkOn,
    Target,
    TargetNotFound,
    ToggleBookmark,
)
from services.command.features.people.decider import UserIsDeactivated
from services.command.knowing import ABSENT, WorkingCopy
from shared.events.bookmarks import BookmarkToggled
from shared.events.domain_event import DomainEvent
from shared.events.people import UserDeactivated
from shared.identifiers import CommandId, StreamId, bookmark_id_of
from tests.bookmarks.examples import (
    ANNA,
    BOOKMARK_ID,
    FILE,
    MESSAGE,
    PIER,
    annotate,
    drop,
    given,
    keep,
    noted,
    off,
    on,
    toggle,
)
from tests.specs.deciding import Scene


def test_a_toggle_switches_on_what_is_off_with_the_note_given() -> None:
    given().when(toggle("for Sunday"), by=ANNA).then(on("for Sunday"))


def test_a_toggle_switches_off_what_is_on() -> None:
    given(on("for Sunday")).when(toggle("ignored"), by=ANNA).then(off())


def test_switching_on_again_takes_the_note_given_or_none() -> None:
    given(on("for Sunday"), off()).when(toggle(), by=ANNA).then(on(None))


def test_what_is_not_theirs_to_read_cannot_be_switched_on() -> None:
    scene = given().when(toggle(may_read=False), by=ANNA).then_refused(TargetNotFound)
    scene.when(keep(may_read=False), by=ANNA).then_refused(TargetNotFound)


def test_what_is_no_longer_theirs_to_read_can_be_switched_off() -> None:
    given(on()).when(toggle(may_read=False), by=ANNA).then(off())


def test_switching_off_needs_no_conversation_and_records_the_one_that_was_kept() -> None:
    given(on()).when(drop(), by=ANNA).then(off())


def test_switching_off_what_is_off_changes_nothing() -> None:
    given(on(), off()).when(drop(), by=ANNA).then_nothing_happens(bookmark_id=BOOKMARK_ID, bookmarked=False)


def test_wanting_on_what_is_on_with_the_same_note_changes_nothing() -> None:
    outcome = given(on("for Sunday")).when(keep("for Sunday", may_read=False), by=ANNA)
    outcome.then_nothing_happens(bookmark_id=BOOKMARK_ID, bookmarked=True)


def test_wanting_on_what_is_on_with_another_note_changes_the_note_alone() -> None:
    given(on("for Sunday")).when(keep("for Monday"), by=ANNA).then(noted("for Monday"))


def test_wanting_on_what_is_off_switches_it_on() -> None:
    given(on("for Sunday"), off()).when(keep("for Monday"), by=ANNA).then(on("for Monday"))


def test_a_note_can_be_changed_and_removed() -> None:
    scene = given(on()).when(annotate("for Sunday"), by=ANNA).then(noted("for Sunday"))
    scene.when(annotate(None), by=ANNA).then(noted(None))


def test_the_same_note_again_changes_nothing() -> None:
    scene = given(on(), noted("for Sunday"))
    scene.when(annotate("for Sunday"), by=ANNA).then_nothing_happens(bookmark_id=BOOKMARK_ID, bookmarked=True)


def test_there_is_no_note_beside_what_is_not_kept() -> None:
    given().when(annotate("for Sunday"), by=ANNA).then_refused(BookmarkNotFound)
    given(on(), off()).when(annotate("for Sunday"), by=ANNA).then_refused(BookmarkNotFound)


def test_whoever_has_left_keeps_nothing_more_and_changes_nothing_kept() -> None:
    for asked in (toggle(), keep(), keep("a"), drop(), annotate("a")):
        given(on(), UserDeactivated()).when(asked, by=ANNA).then_refused(UserIsDeactivated)


def test_a_file_is_kept_and_dropped_by_itself() -> None:
    bookmark_id = bookmark_id_of(ANNA, "file", FILE.id)
    kept = BookmarkToggled(bookmark_id, "file", FILE.id, True, note="for Sunday")
    dropped = BookmarkToggled(bookmark_id, "file", FILE.id, False)
    scene = given(on()).when(ToggleBookmark(ANNA, FILE, "for Sunday", may_read=True), by=ANNA).then(kept)
    scene = scene.when(ToggleBookmark(ANNA, FILE, None, may_read=False), by=ANNA).then(dropped)
    scene.when(SwitchBookmarkOn(ANNA, FILE, "for Sunday", may_read=True), by=ANNA).then(kept)
    scene.when(SwitchBookmarkOff(ANNA, FILE), by=ANNA).then(dropped)


def test_a_file_that_is_not_theirs_to_read_cannot_be_switched_on() -> None:
    scene = given().when(ToggleBookmark(ANNA, FILE, None, may_read=False), by=ANNA).then_refused(TargetNotFound)
    scene.when(SwitchBookmarkOn(ANNA, FILE, None, may_read=False), by=ANNA).then_refused(TargetNotFound)


@pytest.mark.parametrize("wrong", [replace(FILE, conversation_id=PIER), replace(toggle().target, conversation_id=None)])
@pytest.mark.parametrize("make", [ToggleBookmark, SwitchBookmarkOn])
def test_a_message_is_in_a_conversation_and_a_file_in_none(
    make: type[ToggleBookmark | SwitchBookmarkOn], wrong: Target
) -> None:
    for scene in (given(), given(on())):
        scene.when(make(ANNA, wrong, None, may_read=True), by=ANNA).then_refused(ConversationDoesNotFit)


def test_a_message_and_a_file_with_one_id_are_two() -> None:
    file = replace(FILE, id=MESSAGE)
    scene = given(on()).when(ToggleBookmark(ANNA, file, None, may_read=True), by=ANNA)
    scene.then(BookmarkToggled(bookmark_id_of(ANNA, "file", MESSAGE), "file", MESSAGE, True))


def test_what_is_answered_is_told_by_the_event_alone() -> None:
    results = [BOOKMARKS.result(each) for each in given(on(), noted("for Sunday"), off()).events]
    assert results == [{"bookmark_id": BOOKMARK_ID, "bookmarked": yes} for yes in (True, True, False)]


COMMANDS = st.lists(
    st.builds(
        lambda make, note, may_read: make(note, may_read),
        st.sampled_from(
            [
                lambda note, may_read: toggle(note, may_read=may_read),
                lambda note, may_read: keep(note, may_read=may_read),
                lambda _note, _may_read: drop(),
                lambda note, _may_read: annotate(note),
            ]
        ),
        st.sampled_from([None, "a", "b"]),
        st.booleans(),
    ),
    max_size=20,
)


@whatever(COMMANDS)
def test_every_event_changes_something(commands: list[Command]) -> None:
    scene = given()
    for command in commands:
        before = live_row(scene.copy)
        if when_asked(scene, command):
            assert live_row(scene.copy) != before


def when_asked(scene: Scene, command: Command) -> list[DomainEvent]:
    decision = scene.decide(command, ANNA, CommandId("c"), scene.now)
    if isinstance(decision, Refusal | Unchanged):
        return []
    scene.happened(ANNA, *decision)
    return list(decision)


def live_row(copy: WorkingCopy) -> Kept | None:
    row = copy.rows.get((StreamId(ANNA), BOOKMARK.name, BOOKMARK_ID), ABSENT)
    return row.value  # type: ignore[no-any-return]  # rows of every kind are kept together
