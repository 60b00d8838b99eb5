"""What somebody finds of what they kept."""

from typing import Any

import pytest

from shared.events.bookmarks import BookmarkToggled
from shared.events.conversations import (
    ConversationCleared,
    ConversationDeleted,
    ConversationStarted,
    ParticipantRemoved,
)
from shared.events.domain_event import DomainEvent
from shared.events.messages import MessageEdited, MessageSent, MessageUnsent, SystemMessageSent
from shared.identifiers import MessageId, UserId, bookmark_id_of, derived_id
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, group_of, person

ANNA, BEN, EVE = person("Anna"), person("Ben"), person("Eve")
PIER = group_of("Pier")


@pytest.fixture
async def town(read_tables: ReadTables) -> ReadTables:
    """Ben has a group with Anna."""
    await read_tables.registered("Anna", "Ben")
    await read_tables.happened(PIER, BEN, ConversationStarted("group", (ANNA,), title="Pier"))
    return read_tables


async def said(town: ReadTables, seq: int, content: str = "The boat leaves at nine") -> MessageId:
    return await town.happened(PIER, BEN, MessageSent(seq, content, derived_id("client", str(seq))))


async def keeps(town: ReadTables, target: str, by: UserId = ANNA, *, on: bool = True, note: str | None = None) -> str:
    bookmark_id = bookmark_id_of(by, "message", target)
    await town.happened(by, by, BookmarkToggled(bookmark_id, "message", target, on, conversation_id=PIER, note=note))
    return bookmark_id


async def the_bookmark(town: ReadTables) -> Any:
    [found] = (await town.answer(ANNA, "/bookmarks"))["items"]
    return found


async def test_a_bookmark_shows_what_it_is_of(town: ReadTables) -> None:
    message = await said(town, 1, "a" * 150)
    bookmark_id = await keeps(town, message, note="for Sunday")
    assert await the_bookmark(town) == {
        "bookmark_id": bookmark_id,
        "type": "message",
        "target_id": message,
        "conversation_id": PIER,
        "note": "for Sunday",
        "target_state": "available",
        "preview": "a" * 100,
        "created_at": time_text(at(town.commands)),
    }


async def test_what_was_edited_since_it_was_saved_says_so(town: ReadTables) -> None:
    message = await said(town, 1)
    await keeps(town, message)
    await town.happened(PIER, BEN, MessageEdited(message, "At ten"))
    found = await the_bookmark(town)
    assert (found["target_state"], found["preview"]) == ("edited", "At ten")


async def test_what_was_edited_before_it_was_saved_is_as_it_was_saved(town: ReadTables) -> None:
    message = await said(town, 1)
    await town.happened(PIER, BEN, MessageEdited(message, "At ten"))
    await keeps(town, message)
    assert (await the_bookmark(town))["target_state"] == "available"


async def test_nothing_is_left_of_what_was_unsent(town: ReadTables) -> None:
    message = await said(town, 1)
    await keeps(town, message, note="for Sunday")
    await town.happened(PIER, BEN, MessageEdited(message, "At ten"))
    await town.happened(PIER, BEN, MessageUnsent(message))
    found = await the_bookmark(town)
    assert (found["target_state"], found["preview"], found["note"]) == ("unsent", "unsent", "for Sunday")


async def test_what_is_no_longer_theirs_to_read_shows_no_content_and_keeps_the_note(town: ReadTables) -> None:
    message = await said(town, 1)
    await keeps(town, message, note="for Sunday")
    await town.happened(PIER, BEN, ParticipantRemoved(ANNA))
    found = await the_bookmark(town)
    assert (found["target_state"], found["preview"], found["note"]) == ("inaccessible", None, "for Sunday")


async def test_of_what_they_cleared_the_bookmark_and_its_note_stay_without_the_content(town: ReadTables) -> None:
    message = await said(town, 1)
    await keeps(town, message, note="for Sunday")
    await town.happened(PIER, BEN, ConversationCleared(1))
    assert (await the_bookmark(town))["target_state"] == "available"
    await town.happened(PIER, ANNA, ConversationCleared(1))
    found = await the_bookmark(town)
    assert (found["target_state"], found["preview"], found["note"]) == ("inaccessible", None, "for Sunday")
    newer = await said(town, 2)
    await keeps(town, newer)
    assert (await town.answer(ANNA, "/bookmarks"))["items"][0]["target_state"] == "available"


@pytest.mark.parametrize("gone", ["the conversation was deleted", "the message is not here yet"])
async def test_a_bookmark_stands_without_its_target(town: ReadTables, gone: str) -> None:
    message = await said(town, 1) if gone == "the conversation was deleted" else derived_id("message", "later")
    await keeps(town, message)
    await town.happened(PIER, BEN, ConversationDeleted())
    assert (await the_bookmark(town))["target_state"] == "inaccessible"


async def test_what_was_edited_is_available_once_it_is_saved_anew(town: ReadTables) -> None:
    message = await said(town, 1)
    await keeps(town, message)
    await town.happened(PIER, BEN, MessageEdited(message, "At ten"))
    await keeps(town, message, on=False)
    await keeps(town, message)
    found = await the_bookmark(town)
    assert (found["target_state"], found["preview"]) == ("available", "At ten")


async def test_what_is_neither_there_nor_theirs_is_just_inaccessible(town: ReadTables) -> None:
    message = await said(town, 1)
    await keeps(town, message)
    await town.happened(PIER, BEN, MessageUnsent(message))
    await town.happened(PIER, BEN, ParticipantRemoved(ANNA))
    found = await the_bookmark(town)
    assert (found["target_state"], found["preview"]) == ("inaccessible", None)


async def test_a_system_message_is_shown_as_its_sentence(town: ReadTables) -> None:
    notice = MessageId(derived_id("notice"))
    await town.happened(PIER, BEN, SystemMessageSent(notice, 1, "renamed", title="Quay"))
    await keeps(town, notice)
    found = await the_bookmark(town)
    assert (found["target_state"], found["preview"]) == ("available", "Ben changed the title to “Quay”")


@pytest.mark.parametrize("gone", ["never in", "removed", "cleared", "unsent", "deleted"])
async def test_no_text_is_told_to_whom_it_is_not_for(town: ReadTables, gone: str) -> None:
    by = EVE if gone == "never in" else ANNA
    message = await said(town, 1, "canary")
    await keeps(town, message, by=by, note="for Sunday")
    await town.happened(PIER, BEN, MessageEdited(message, "second canary"))
    happens: dict[str, DomainEvent] = {
        "removed": ParticipantRemoved(ANNA),
        "cleared": ConversationCleared(1),
        "unsent": MessageUnsent(message),
        "deleted": ConversationDeleted(),
    }
    if gone in happens:
        await town.happened(PIER, ANNA if gone == "cleared" else BEN, happens[gone])
    answers = [
        await town.answer(by, "/bookmarks"),
        await town.answer(by, "/bookmarks", type="message"),
        await town.answer(by, "/bookmarks/check", type="message", ids=message),
    ]
    assert "canary" not in str(answers)
    assert (answers[0]["items"][0]["note"], answers[2]) == ("for Sunday", {"bookmarked": [message]})


async def test_of_an_edited_message_the_earlier_text_is_not_told(town: ReadTables) -> None:
    message = await said(town, 1, "canary")
    await keeps(town, message)
    await town.happened(PIER, BEN, MessageEdited(message, "At ten"))
    assert "canary" not in str(await town.answer(ANNA, "/bookmarks"))


async def test_bookmarks_come_newest_first_over_all_pages(town: ReadTables) -> None:
    messages = [await said(town, seq) for seq in range(1, 8)]
    for message in messages:
        await keeps(town, message)
    await keeps(town, messages[2], on=False)
    await keeps(town, messages[0], on=False)
    await keeps(town, messages[0])
    wanted = [messages[each] for each in (0, 6, 5, 4, 3, 1)]
    for limit in (1, 2, 6, 100):
        found = await town.everything(ANNA, "/bookmarks", limit=str(limit))
        assert [each["target_id"] for each in found] == wanted
    assert [each["target_id"] for each in await town.everything(ANNA, "/bookmarks", type="message")] == wanted


async def test_bookmarks_of_one_moment_are_each_on_one_page(town: ReadTables) -> None:
    messages = [await said(town, seq) for seq in range(1, 6)]
    kept = [
        BookmarkToggled(bookmark_id_of(ANNA, "message", each), "message", each, True, conversation_id=PIER)
        for each in messages
    ]
    await town.happened(ANNA, ANNA, *kept)
    wanted = sorted((each.bookmark_id for each in kept), reverse=True)
    for limit in (1, 2, 3, 5):
        found = await town.everything(ANNA, "/bookmarks", limit=str(limit))
        assert [each["bookmark_id"] for each in found] == wanted, limit


async def test_a_page_goes_on_where_the_one_before_ended_whatever_is_kept_meanwhile(town: ReadTables) -> None:
    one, two, three, four = [await said(town, seq) for seq in range(1, 5)]
    for message in (one, two, three):
        await keeps(town, message)
    first = await town.answer(ANNA, "/bookmarks", limit="2")
    await keeps(town, four)
    await keeps(town, two, on=False)
    rest = await town.answer(ANNA, "/bookmarks", limit="2", cursor=first["next_cursor"])
    assert [each["target_id"] for each in first["items"]] == [three, two]
    assert [each["target_id"] for each in rest["items"]] == [one]
    assert (rest["has_more"], rest["next_cursor"]) == (False, None)


async def test_bookmarks_are_ones_own(town: ReadTables) -> None:
    message = await said(town, 1)
    await keeps(town, message)
    assert (await town.answer(BEN, "/bookmarks"))["items"] == []
    assert await town.answer(BEN, "/bookmarks/check", type="message", ids=message) == {"bookmarked": []}


async def test_a_check_tells_which_are_kept_in_the_order_asked_for(town: ReadTables) -> None:
    one, two, three = [await said(town, seq) for seq in (1, 2, 3)]
    await keeps(town, one)
    await keeps(town, three)
    answer = await town.answer(ANNA, "/bookmarks/check", type="message", ids=f"{three},{two},{one.upper()},{three}")
    assert answer == {"bookmarked": [three, one]}


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 422)])
async def test_a_hundred_may_be_checked_at_once(town: ReadTables, count: int, status: int) -> None:
    ids = ",".join(derived_id("message", str(number)) for number in range(count))
    assert (await town.ask(ANNA, "/bookmarks/check", type="message", ids=ids))[0] == status


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"type": "message"}, "/ids"),
        ({"type": "message", "ids": ""}, "/ids/0"),
        ({"type": "message", "ids": "1"}, "/ids/0"),
        ({"type": "person", "ids": BEN}, "/type"),
        ({"ids": BEN}, "/type"),
    ],
)
async def test_what_cannot_be_checked_is_refused_by_its_place(
    town: ReadTables, parameters: dict[str, str], pointer: str
) -> None:
    status, problem = await town.ask(ANNA, "/bookmarks/check", **parameters)
    assert (status, [each["pointer"] for each in problem["errors"]]) == (422, [pointer])


@pytest.mark.parametrize(
    "parameters",
    [{"type": "person"}, {"limit": "0"}, {"limit": "101"}, {"cursor": "nonsense"}, {"cursor": "WzEsMl0"}],
)
async def test_what_cannot_be_listed_is_refused(town: ReadTables, parameters: dict[str, str]) -> None:
    assert (await town.ask(ANNA, "/bookmarks", **parameters))[0] == 422
