"""What somebody's list looks like once they have pinned, archived and cleared conversations."""

from itertools import pairwise
from typing import Any
from uuid import uuid4

from shared.events.conversations import (
    ConversationArchived,
    ConversationCleared,
    ConversationPinned,
    ConversationStarted,
    ConversationUnarchived,
    ConversationUnpinned,
)
from shared.events.messages import MessageSent, SystemMessageSent
from shared.identifiers import MessageId, UserId, derived_id
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, group_of, person

ADA, BOB = person("Ada"), person("Bob")
CREW, SHORE, PIER = group_of("crew"), group_of("shore"), group_of("pier")
WORKSPACE = derived_id("workspace")


def said(seq: int, content: str = "hello") -> MessageSent:
    return MessageSent(seq, content, str(uuid4()))


async def started(read_tables: ReadTables, *groups: str, workspace_id: str | None = None) -> None:
    for each in groups:
        started = ConversationStarted("group", (BOB,), "x", workspace_id=workspace_id)
        await read_tables.happened(each, ADA, started)


async def ids_of(read_tables: ReadTables, by: UserId, **parameters: Any) -> list[str]:
    page = await read_tables.answer(by, "/conversations", **parameters)
    return [each["conversation_id"] for each in page["items"]]


async def test_the_pinned_come_first_and_of_them_the_last_active_page_after_page(read_tables: ReadTables) -> None:
    groups = [group_of(str(number)) for number in range(6)]
    await started(read_tables, *groups)
    for number in (4, 0, 2):
        await read_tables.happened(groups[number], ADA, ConversationPinned())
    await read_tables.happened(groups[0], BOB, said(1))
    await read_tables.happened(groups[1], BOB, said(1))
    order = [groups[number] for number in (0, 4, 2, 1, 5, 3)]

    assert await ids_of(read_tables, ADA) == order
    assert await ids_of(read_tables, BOB) == [groups[number] for number in (1, 0, 5, 4, 3, 2)]
    for limit in (1, 2, 3, 4, 6):
        pages = await read_tables.everything(ADA, "/conversations", limit=limit)
        assert [each["conversation_id"] for each in pages] == order, limit
    await read_tables.happened(groups[0], ADA, ConversationUnpinned())
    assert await ids_of(read_tables, ADA) == [groups[number] for number in (4, 2, 1, 0, 5, 3)]


async def test_what_does_not_move_between_two_pages_is_listed_once(read_tables: ReadTables) -> None:
    groups = [group_of(str(number)) for number in range(8)]
    await started(read_tables, *groups)
    for number in (1, 3):
        await read_tables.happened(groups[number], ADA, ConversationPinned())
    seen: list[str] = []
    cursor: dict[str, str] = {}
    # While they turn the pages, of what they saw already one is spoken in, one pinned, one archived.
    moves = [(3, BOB, said(1)), (7, ADA, ConversationPinned()), (7, ADA, ConversationArchived()), (1, BOB, said(1))]
    for number, who, event in moves:
        page = await read_tables.answer(ADA, "/conversations", limit="2", **cursor)
        seen += [each["conversation_id"] for each in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
        await read_tables.happened(groups[number], who, event)

    assert seen == [groups[number] for number in (3, 1, 7, 6, 5, 4, 2, 0)]
    assert cursor == {"cursor": None}


async def test_a_list_says_since_when_each_is_pinned_and_archived(read_tables: ReadTables) -> None:
    await started(read_tables, CREW)
    await read_tables.happened(CREW, ADA, ConversationPinned())
    await read_tables.happened(CREW, ADA, ConversationArchived())
    to_ada, to_bob = [await read_tables.answer(who, f"/conversations/{CREW}") for who in (ADA, BOB)]

    assert (to_ada["pinned_at"], to_ada["archived_at"]) == (time_text(at(2)), time_text(at(3)))
    assert (to_bob["pinned_at"], to_bob["archived_at"]) == (None, None)
    assert (await read_tables.answer(ADA, "/conversations"))["items"] == [to_ada]


async def test_the_archived_can_be_asked_for_or_left_out(read_tables: ReadTables) -> None:
    await started(read_tables, CREW, PIER)
    await started(read_tables, SHORE, workspace_id=WORKSPACE)
    for each in (CREW, SHORE):
        await read_tables.happened(each, ADA, ConversationArchived())
    await read_tables.happened(CREW, BOB, said(1))

    assert await ids_of(read_tables, ADA) == [CREW, SHORE, PIER]
    assert await ids_of(read_tables, ADA, archived="true") == [CREW, SHORE]
    assert await ids_of(read_tables, ADA, archived="false") == [PIER]
    assert await ids_of(read_tables, ADA, archived="true", workspace_id=WORKSPACE) == [SHORE]
    assert await ids_of(read_tables, ADA, archived="true", kind="direct") == []
    assert await ids_of(read_tables, BOB, archived="true") == []
    await read_tables.happened(CREW, ADA, ConversationUnarchived())
    assert await ids_of(read_tables, ADA, archived="false") == [CREW, PIER]


async def test_the_pages_of_a_narrowed_list_are_narrowed_too(read_tables: ReadTables) -> None:
    groups = [group_of(str(number)) for number in range(6)]
    await started(read_tables, *groups)
    for number in (0, 2, 3, 5):
        await read_tables.happened(groups[number], ADA, ConversationArchived())
    await read_tables.happened(groups[2], ADA, ConversationPinned())

    pages = await read_tables.everything(ADA, "/conversations", limit=1, archived="true")
    assert [each["conversation_id"] for each in pages] == [groups[number] for number in (2, 5, 3, 0)]


async def test_what_somebody_cleared_is_in_their_list_again_when_something_newer_is_said(
    read_tables: ReadTables,
) -> None:
    await started(read_tables, CREW, PIER)
    await read_tables.happened(CREW, BOB, said(1))
    await read_tables.happened(CREW, ADA, ConversationPinned())
    await read_tables.happened(CREW, ADA, ConversationCleared(1))
    assert await ids_of(read_tables, ADA) == [PIER]
    assert await ids_of(read_tables, BOB) == [CREW, PIER]

    newer = await read_tables.happened(CREW, BOB, said(2, "news"))
    assert await ids_of(read_tables, ADA) == [CREW, PIER]
    found = (await read_tables.answer(ADA, "/conversations"))["items"][0]
    assert (found["last_message"]["message_id"], found["unread_count"]) == (newer, 1)
    assert found["pinned_at"] is not None


async def test_a_notice_brings_it_back_as_well(read_tables: ReadTables) -> None:
    await started(read_tables, CREW)
    await read_tables.happened(CREW, ADA, ConversationCleared(0))
    assert await ids_of(read_tables, ADA) == []
    await read_tables.happened(CREW, BOB, SystemMessageSent(MessageId(str(uuid4())), 1, "renamed", title="y"))
    assert await ids_of(read_tables, ADA) == [CREW]


async def test_who_cleared_a_conversation_still_finds_it_by_its_id_and_nothing_in_it(read_tables: ReadTables) -> None:
    await started(read_tables, CREW)
    await read_tables.happened(CREW, BOB, said(1))
    await read_tables.happened(CREW, ADA, ConversationCleared(1))
    to_ada, to_bob = [await read_tables.answer(who, f"/conversations/{CREW}") for who in (ADA, BOB)]

    assert (to_ada["last_message"], to_ada["unread_count"], to_ada["participant_count"]) == (None, 0, 2)
    assert to_bob["last_message"]["preview"] == "hello"


async def test_pages_pass_over_what_was_cleared(read_tables: ReadTables) -> None:
    groups = [group_of(str(number)) for number in range(5)]
    await started(read_tables, *groups)
    for number in (1, 3):
        await read_tables.happened(groups[number], ADA, ConversationCleared(0))
    order = [groups[number] for number in (4, 2, 0)]

    for limit in (1, 2, 3):
        pages = await read_tables.everything(ADA, "/conversations", limit=limit)
        assert [each["conversation_id"] for each in pages] == order, limit
    assert all(later["created_at"] < earlier["created_at"] for earlier, later in pairwise(pages))
