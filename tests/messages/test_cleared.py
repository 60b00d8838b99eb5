"""What is left of a conversation for somebody who cleared it: what was said since."""

from typing import Any

import pytest

from shared.events.conversations import ConversationCleared
from shared.events.messages import MessageEdited, MessagesRead, MessageUnsent
from shared.identifiers import MessageId, UserId, derived_id
from tests.fixtures.read_tables import ReadTables
from tests.messages.crew import ADA, BOB, CREW, CY, a_crew, fill, said, the

PATH = f"/conversations/{CREW}"


async def seqs_of(read_tables: ReadTables, by: UserId, **parameters: Any) -> list[int]:
    return [each["seq"] for each in await read_tables.everything(by, f"{PATH}/messages", **parameters)]


async def test_pages_begin_and_end_with_what_is_newer(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await fill(read_tables, 5)
    await read_tables.happened(CREW, ADA, ConversationCleared(5))
    assert await seqs_of(read_tables, ADA) == []
    for seq in (6, 7, 8):
        await read_tables.happened(CREW, BOB, said(seq))

    for limit in (1, 2, 3, 50):
        assert await seqs_of(read_tables, ADA, limit=limit) == [8, 7, 6], limit
        assert await seqs_of(read_tables, ADA, limit=limit, after_seq=3) == [6, 7, 8], limit
        assert await seqs_of(read_tables, ADA, limit=limit, before_seq=8) == [7, 6], limit
        assert await seqs_of(read_tables, CY, limit=limit) == [8, 7, 6, 5, 4, 3, 2, 1], limit
    assert await seqs_of(read_tables, ADA, after_seq=7) == [8]
    assert await seqs_of(read_tables, ADA, before_seq=4) == []


async def test_a_page_that_was_begun_before_goes_on_without_what_was_cleared(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await fill(read_tables, 6)
    first = await read_tables.answer(ADA, f"{PATH}/messages", limit="2")
    await read_tables.happened(CREW, ADA, ConversationCleared(6))
    rest = await read_tables.answer(ADA, f"{PATH}/messages", limit="2", cursor=first["next_cursor"])

    assert [each["seq"] for each in first["items"]] == [6, 5]
    assert rest == {"items": [], "has_more": False, "next_cursor": None}


async def test_a_cleared_message_is_not_there_for_who_cleared_it_and_is_for_all_others(
    read_tables: ReadTables,
) -> None:
    await a_crew(read_tables)
    cleared = await read_tables.happened(CREW, ADA, said(1, "before"))
    await read_tables.happened(CREW, ADA, MessageEdited(MessageId(cleared), "before!"))
    await read_tables.happened(CREW, ADA, ConversationCleared(1))
    newer = await read_tables.happened(CREW, ADA, said(2, "after"))

    for more in ("", "/edits", "/receipts"):
        there = await read_tables.ask(ADA, f"{PATH}/messages/{cleared}{more}")
        nowhere = await read_tables.ask(ADA, f"{PATH}/messages/{derived_id('nothing')}{more}")
        alike = [(status, {**body, "request_id": ""}) for status, body in (there, nowhere)]
        assert alike[0] == alike[1], more
        assert there[0] == 404, more
        assert (await read_tables.ask(BOB, f"{PATH}/messages/{cleared}{more}"))[0] == 200, more
        assert (await read_tables.ask(ADA, f"{PATH}/messages/{newer}{more}"))[0] == 200, more


async def test_my_own_message_is_not_found_by_the_id_that_i_gave_it(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(CREW, ADA, ConversationCleared(1))
    await read_tables.happened(CREW, ADA, said(2))

    assert await seqs_of(read_tables, ADA, client_message_id=derived_id("client", "1")) == []
    assert await seqs_of(read_tables, ADA, client_message_id=derived_id("client", "2")) == [2]


async def test_an_answer_to_a_cleared_message_shows_nothing_of_it(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    cleared = await read_tables.happened(CREW, BOB, said(1, "canary"))
    await read_tables.happened(CREW, ADA, ConversationCleared(1))
    newer = await read_tables.happened(CREW, CY, said(2, "yes", reply_to_id=cleared))
    newest = await read_tables.happened(CREW, CY, said(3, "no", reply_to_id=newer))

    assert (await the(read_tables, newer))["reply_to"] is None
    assert (await the(read_tables, newer, by=BOB))["reply_to"]["preview"] == "canary"
    assert (await the(read_tables, newest))["reply_to"]["preview"] == "yes"


async def unread_by(read_tables: ReadTables, who: UserId) -> tuple[int, Any]:
    explained = await read_tables.answer(who, f"{PATH}/unread", explain="1")
    listed = (await read_tables.answer(who, PATH))["unread_count"]
    counted = (await read_tables.answer(who, f"{PATH}/unread"))["count"]
    assert explained["count"] == listed == counted == len(explained["message_ids"])
    return explained["count"], (explained["read_seq"], explained["cleared_seq"])


async def test_what_was_cleared_is_not_unread_whichever_marker_is_further(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await fill(read_tables, 3)
    await read_tables.happened(CREW, ADA, MessagesRead(1))
    assert await unread_by(read_tables, ADA) == (2, (1, 0))
    await read_tables.happened(CREW, ADA, ConversationCleared(3))
    assert await unread_by(read_tables, ADA) == (0, (1, 3))
    assert await unread_by(read_tables, CY) == (3, (0, 0))
    await read_tables.happened(CREW, BOB, said(4))
    gone = await read_tables.happened(CREW, BOB, said(5))
    assert await unread_by(read_tables, ADA) == (2, (1, 3))
    await read_tables.happened(CREW, ADA, MessagesRead(4))
    assert await unread_by(read_tables, ADA) == (1, (4, 3))
    await read_tables.happened(CREW, BOB, MessageUnsent(gone))
    assert await unread_by(read_tables, ADA) == (0, (4, 3))


async def test_to_clear_is_not_to_read_for_who_sent_it(read_tables: ReadTables) -> None:
    await a_crew(read_tables, BOB)
    sent = await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(CREW, BOB, ConversationCleared(1))

    assert (await the(read_tables, sent))["status"] == "sent"
    (receipt,) = (await read_tables.answer(ADA, f"{PATH}/messages/{sent}/receipts"))["items"]
    assert (receipt["delivered"], receipt["read"]) == (False, False)


@pytest.mark.parametrize("cleared", [1, 2])
async def test_the_last_message_is_shown_unless_it_was_cleared(read_tables: ReadTables, cleared: int) -> None:
    await a_crew(read_tables)
    await fill(read_tables, 2)
    await read_tables.happened(CREW, ADA, ConversationCleared(cleared))

    assert ((await read_tables.answer(ADA, PATH))["last_message"] is None) == (cleared == 2)
