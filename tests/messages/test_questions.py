"""What somebody reads in a conversation."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.projector.paging import COUNT_LIMIT, encode_cursor
from services.projector.questions.messages import Window
from shared.events.bookmarks import BookmarkToggled
from shared.events.conversations import (
    ConversationStarted,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRoleChanged,
)
from shared.events.messages import MessageEdited, MessageUnsent, ReactionRemoved, ReactionSet
from shared.identifiers import BookmarkId, UserId, derived_id
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, person
from tests.messages.crew import ADA, BOB, CREW, CY, OTHER, ROBOT, a_crew, fill, noted, said, the

LONG_AGO = datetime(2015, 5, 1, 9, 30, 0, 123456, tzinfo=UTC)


async def seqs(read_tables: ReadTables, **parameters: Any) -> list[int]:
    page = await read_tables.answer(ADA, f"/conversations/{CREW}/messages", **parameters)
    return [each["seq"] for each in page["items"]]


async def test_a_message_as_its_sender_and_as_another_sees_it(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    first = await read_tables.happened(CREW, BOB, said(1, "x" * 101))
    sent = await read_tables.happened(CREW, ADA, said(2, "zwölf\u200d\U0001f680\n ", reply_to_id=first))

    seen = {
        "message_id": sent,
        "conversation_id": CREW,
        "seq": 2,
        "sender_id": ADA,
        "client_message_id": derived_id("client", "2"),
        "agent_id": None,
        "role": "user",
        "content_type": "text",
        "content": "zwölf\u200d\U0001f680\n ",
        "attachments": [],
        "reply_to": {"message_id": first, "seq": 1, "sender_id": BOB, "preview": "x" * 100},
        "shared_post_id": None,
        "reactions": {"counts": {}, "mine": None},
        "bookmarked": False,
        "status": "sent",
        "flagged": False,
        "created_at": time_text(at(3)),
        "occurred_at": None,
        "updated_at": time_text(at(3)),
        "edited_at": None,
        "unsent": False,
    }
    assert await the(read_tables, sent) == seen
    page = await read_tables.answer(ADA, f"/conversations/{CREW}/messages", limit=1)
    assert (page["items"], page["has_more"]) == ([seen], True)
    assert await the(read_tables, sent, by=BOB) == seen | {
        "client_message_id": None, "status": None, "flagged": None
    }  # fmt: skip


async def test_an_imported_one_and_an_agents_say_so(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    sent = await read_tables.happened(
        CREW, ROBOT, said(1, "*beep*", role="assistant", agent_id=ROBOT, occurred_at=LONG_AGO)
    )

    seen = await the(read_tables, sent)
    assert (seen["role"], seen["agent_id"], seen["sender_id"]) == ("assistant", ROBOT, ROBOT)
    assert (seen["occurred_at"], seen["created_at"]) == ("2015-05-01T09:30:00.123Z", time_text(at(2)))


async def test_pages_go_back_from_the_newest_or_on_from_the_oldest(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await fill(read_tables, 9)

    assert await seqs(read_tables) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert await seqs(read_tables, before_seq=5, limit=3) == [4, 3, 2]
    assert await seqs(read_tables, before_seq=10, limit=1) == [9]
    assert await seqs(read_tables, before_seq=1) == await seqs(read_tables, before_seq=0) == []
    assert await seqs(read_tables, after_seq=0, limit=3) == [1, 2, 3]
    assert await seqs(read_tables, after_seq=5) == [6, 7, 8, 9]
    assert await seqs(read_tables, after_seq=9) == await seqs(read_tables, after_seq=COUNT_LIMIT) == []
    assert await seqs(read_tables, after_seq=2, before_seq=6) == [3, 4, 5]
    assert await seqs(read_tables, before_seq=COUNT_LIMIT, limit=2) == [9, 8]


@pytest.mark.parametrize("limit", [1, 2, 4, 9, 10])
async def test_cursors_lead_through_the_whole_in_either_order(read_tables: ReadTables, limit: int) -> None:
    await a_crew(read_tables)
    await fill(read_tables, 9)

    async def walked(**parameters: int) -> list[int]:
        path = f"/conversations/{CREW}/messages"
        return [each["seq"] for each in await read_tables.everything(ADA, path, limit=limit, **parameters)]

    assert await walked() == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert await walked(before_seq=6) == [5, 4, 3, 2, 1]
    assert await walked(after_seq=0) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert await walked(after_seq=2, before_seq=8) == [3, 4, 5, 6, 7]


async def test_a_cursor_alone_goes_on_as_it_began(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await fill(read_tables, 5)
    first = await read_tables.answer(ADA, f"/conversations/{CREW}/messages", after_seq=1, limit=2)

    assert await seqs(read_tables, cursor=first["next_cursor"]) == [4, 5]


async def test_numbers_that_are_no_seq_are_refused(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    path = f"/conversations/{CREW}/messages"
    for wrong in ("-1", "x", "1.5", str(COUNT_LIMIT + 1), "9" * 30, ""):
        for name in ("before_seq", "after_seq"):
            status, body = await read_tables.ask(ADA, path, **{name: wrong})
            assert (status, body["errors"][0]["pointer"]) == (422, f"/{name}"), wrong
    for window in (Window(0, COUNT_LIMIT + 1, oldest_first=False), Window(-1, 5, oldest_first=True)):
        assert (await read_tables.ask(ADA, path, cursor=encode_cursor(window)))[0] == 422
    assert (await read_tables.ask(ADA, path, client_message_id="mine"))[0] == 422


async def test_i_find_my_own_message_by_the_id_that_i_chose(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await a_crew(read_tables, of=OTHER)
    sent = await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(OTHER, ADA, said(1, "elsewhere"))
    await read_tables.happened(CREW, BOB, said(2, "another's"))
    path, mine = f"/conversations/{CREW}/messages", derived_id("client", "1")

    found = await read_tables.answer(ADA, path, client_message_id=mine.upper())

    assert [each["message_id"] for each in found["items"]] == [sent]
    assert (found["has_more"], found["next_cursor"]) == (False, None)
    for by, wanted in ((BOB, mine), (ADA, derived_id("client", "2")), (ADA, str(uuid4()))):
        assert (await read_tables.answer(by, path, client_message_id=wanted))["items"] == []


async def test_a_message_of_another_conversation_is_not_found(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await a_crew(read_tables, of=OTHER)
    elsewhere = await read_tables.happened(OTHER, BOB, said(1))
    for more in ("", "/edits", "/receipts"):
        for message_id in (elsewhere, uuid4(), "first"):
            status, _ = await read_tables.ask(ADA, f"/conversations/{CREW}/messages/{message_id}{more}")
            assert status == 404


async def test_of_an_unsent_message_only_its_place_is_seen(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    first = await read_tables.happened(CREW, BOB, said(1))
    sent = await read_tables.happened(CREW, ADA, said(2, "canary", reply_to_id=first))
    await read_tables.happened(CREW, ADA, MessageEdited(sent, "canary, edited"))
    reply = await read_tables.happened(CREW, BOB, said(3, "what?", reply_to_id=sent))
    await read_tables.happened(CREW, ADA, MessageUnsent(sent))

    for by in (ADA, BOB):
        seen = await the(read_tables, sent, by)
        assert (seen["seq"], seen["sender_id"], seen["unsent"], seen["content"]) == (2, ADA, True, None)
        assert (seen["reply_to"], seen["edited_at"], seen["status"]) == (None, None, None)
        assert (await the(read_tables, reply, by))["reply_to"] == {
            "message_id": sent, "seq": 2, "sender_id": ADA, "preview": "unsent"
        }  # fmt: skip
        path = f"/conversations/{CREW}/messages"
        everywhere = [await read_tables.answer(by, f"{path}{more}") for more in ("", f"/{sent}/edits")]
        assert "canary" not in str(everywhere)
        assert everywhere[1]["items"] == []


async def test_an_edited_message_shows_its_last_text_and_tells_all_before(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    sent = await read_tables.happened(CREW, ADA, said(1, "one"))
    path = f"/conversations/{CREW}/messages/{sent}/edits"
    unedited = await read_tables.answer(BOB, path)
    for text in ("two", "three"):
        await read_tables.happened(CREW, ADA, MessageEdited(sent, text))

    seen = await the(read_tables, sent, by=BOB)
    assert (seen["content"], seen["edited_at"], seen["updated_at"], seen["created_at"]) == (
        "three", time_text(at(4)), time_text(at(4)), time_text(at(2))
    )  # fmt: skip
    texts = [("one", time_text(at(2))), ("two", time_text(at(3))), ("three", time_text(at(4)))]
    for limit in (1, 2, 3):
        found = await read_tables.everything(BOB, path, limit=limit)
        assert [(each["content"], each["edited_at"]) for each in found] == texts
    assert unedited["items"] == []


async def test_a_system_message_is_a_sentence_with_the_names_of_the_day(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Cy")
    await a_crew(read_tables, BOB)
    await read_tables.happened(CREW, ADA, ParticipantAdded(CY, 0), noted(1, about=CY))
    await read_tables.happened(CREW, ADA, noted(2, about=person("nobody")))
    reply = await read_tables.happened(CREW, BOB, said(3, "welcome", reply_to_id=noted(1).message_id))

    seen = await the(read_tables, noted(1).message_id)
    assert (seen["role"], seen["content"], seen["content_type"]) == ("system", "Ada added Cy", "text")
    assert (seen["sender_id"], seen["client_message_id"], seen["status"]) == (ADA, None, None)
    assert (await the(read_tables, noted(2).message_id))["content"] == "Ada added Somebody"
    assert (await the(read_tables, reply))["reply_to"]["preview"] == "Ada added Cy"


async def test_only_my_own_bookmarks_are_shown(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    sent = await read_tables.happened(CREW, BOB, said(1))
    bookmark = BookmarkId(str(uuid4()))
    await read_tables.happened(ADA, ADA, BookmarkToggled(bookmark, "message", sent, bookmarked=True))

    assert (await the(read_tables, sent))["bookmarked"] is True
    assert (await the(read_tables, sent, by=BOB))["bookmarked"] is False
    await read_tables.happened(ADA, ADA, BookmarkToggled(bookmark, "message", sent, bookmarked=False))
    assert (await the(read_tables, sent))["bookmarked"] is False


async def test_reactions_are_counted_by_kind_and_mine_is_named(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    first = await read_tables.happened(CREW, BOB, said(1))
    second = await read_tables.happened(CREW, ADA, said(2))
    for who, message_id, kind in (
        (ADA, first, "wow"),
        (BOB, first, "like"),
        (CY, first, "wow"),
        (CY, first, "like"),
        (CY, second, "sad"),
    ):
        await read_tables.happened(CREW, who, ReactionSet(message_id, kind))  # type: ignore[arg-type]  # all are kinds
    path = f"/conversations/{CREW}/messages"

    async def reactions(by: UserId) -> list[Any]:
        items = (await read_tables.answer(by, path, after_seq=0))["items"]
        assert [each["reactions"] for each in items] == [
            (await the(read_tables, message_id, by))["reactions"] for message_id in (first, second)
        ]
        return [each["reactions"] for each in items]

    of_first, of_second = {"like": 2, "wow": 1}, {"sad": 1}
    assert await reactions(ADA) == [{"counts": of_first, "mine": "wow"}, {"counts": of_second, "mine": None}]
    assert await reactions(CY) == [{"counts": of_first, "mine": "like"}, {"counts": of_second, "mine": "sad"}]

    await read_tables.happened(CREW, ADA, ReactionRemoved(first))
    await read_tables.happened(CREW, CY, ParticipantLeft())
    assert await reactions(ADA) == [{"counts": {"like": 2}, "mine": None}, {"counts": of_second, "mine": None}]
    await read_tables.happened(CREW, BOB, MessageUnsent(first))
    assert await reactions(BOB) == [{"counts": {}, "mine": None}, {"counts": of_second, "mine": None}]


async def test_a_notice_shows_its_reactions_too(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await read_tables.happened(CREW, ADA, noted(1, about=CY))
    await read_tables.happened(CREW, BOB, ReactionSet(noted(1).message_id, "love"))

    assert (await the(read_tables, noted(1).message_id, BOB))["reactions"] == {"counts": {"love": 1}, "mine": "love"}


async def test_a_groups_owner_and_admins_alone_see_what_is_flagged(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await read_tables.happened(CREW, ADA, ParticipantRoleChanged(BOB, "admin"))
    flagged = await read_tables.happened(CREW, CY, said(1, "scurvy", flagged=True, policy_version="v1"))
    harmless = await read_tables.happened(CREW, CY, said(2))

    async def seen(by: UserId) -> list[bool | None]:
        items = (await read_tables.answer(by, f"/conversations/{CREW}/messages", after_seq=0))["items"]
        one_by_one = [(await the(read_tables, message_id, by))["flagged"] for message_id in (flagged, harmless)]
        assert [each["flagged"] for each in items] == one_by_one
        return one_by_one

    assert [await seen(who) for who in (ADA, BOB, CY)] == [[True, False], [True, False], [None, None]]
    await read_tables.happened(CREW, CY, MessageEdited(flagged, "sorry"))
    assert await seen(ADA) == [False, False]
    await read_tables.happened(CREW, ADA, MessageUnsent(flagged))
    assert await seen(ADA) == [None, False]


async def test_the_owner_of_an_agent_conversation_is_told_of_no_flags(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, ConversationStarted("agent", (ROBOT,)))
    flagged = await read_tables.happened(CREW, ROBOT, said(1, "scurvy", flagged=True, policy_version="v1"))

    assert (await the(read_tables, flagged))["flagged"] is None


async def test_a_page_holds_fifty_and_at_most_a_hundred(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await fill(read_tables, 101)

    assert len(await seqs(read_tables)) == 50
    assert len(await seqs(read_tables, limit=100)) == 100
    for limit in ("0", "101"):
        assert (await read_tables.ask(ADA, f"/conversations/{CREW}/messages", limit=limit))[0] == 422
