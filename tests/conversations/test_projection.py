"""What the tables hold of conversations and of who is in them, after what happened."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from shared.events.conversations import (
    ConversationAgentAssigned,
    ConversationArchived,
    ConversationAvatarChanged,
    ConversationCleared,
    ConversationDeleted,
    ConversationPinned,
    ConversationRenamed,
    ConversationStarted,
    ConversationUnarchived,
    ConversationUnpinned,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
    ParticipantRoleChanged,
)
from shared.events.domain_event import DomainEvent
from shared.events.messages import (
    MessageEdited,
    MessagesDelivered,
    MessageSent,
    MessagesRead,
    ReactionSet,
    SystemMessageSent,
)
from shared.identifiers import MessageId, UserId, derived_id
from tests.fixtures.read_tables import ReadTables, at, batch, group_of, person

ADA, BOB, CY, ROBOT = person("Ada"), person("Bob"), person("Cy"), person("Robot")
CREW, PAIR = group_of("crew"), group_of("pair")
WORKSPACE = derived_id("workspace")
LONG_AGO = datetime(2015, 5, 1, 9, 30, tzinfo=UTC)
STARTED = ConversationStarted("group", (BOB, CY), "Crew")
NOTICE = MessageId(derived_id("notice"))
CHANGES = (ConversationRenamed("2"), ConversationAvatarChanged("https://a.example/2"), ConversationAgentAssigned(ROBOT))
UNARRANGED = {"pinned_at": None, "archived_at": None, "cleared_seq": 0, "cleared_at": None}
JUST_IN = {**UNARRANGED, "takes_part": True}


async def the(read_tables: ReadTables, user_id: UserId) -> dict[str, Any] | None:
    return await read_tables.row("participants", conversation_id=CREW, user_id=user_id)


async def test_a_group_is_there_from_its_start(read_tables: ReadTables) -> None:
    picture = "https://example.com/crew.png"
    await read_tables.happened(
        CREW, ADA, ConversationStarted("group", (BOB,), "Crew", picture, agent_id=ROBOT, workspace_id=WORKSPACE)
    )

    assert await read_tables.rows("conversations") == [
        {
            "conversation_id": CREW,
            "kind": "group",
            "title": "Crew",
            "avatar_url": picture,
            "agent_id": ROBOT,
            "workspace_id": WORKSPACE,
            "created_by": ADA,
            "created_at": at(1),
            "updated_at": at(1),
            "last_seq": 0,
            "last_activity_at": at(1),
        }
    ]
    unmoved = {"joined_seq": 0, "delivered_seq": 0, "delivered_at": None, "read_seq": 0, "read_at": None, **JUST_IN}
    assert await the(read_tables, ADA) == {
        "conversation_id": CREW, "user_id": ADA, "role": "owner", "joined_at": at(1), **unmoved
    }  # fmt: skip
    assert await the(read_tables, BOB) == {
        "conversation_id": CREW, "user_id": BOB, "role": "member", "joined_at": at(1), **unmoved
    }  # fmt: skip


async def test_in_a_direct_conversation_both_are_members(read_tables: ReadTables) -> None:
    await read_tables.happened(PAIR, ADA, ConversationStarted("direct", (BOB,)))

    rows = await read_tables.rows("participants")
    assert {row["user_id"]: row["role"] for row in rows} == {ADA: "member", BOB: "member"}


async def test_what_was_imported_keeps_the_times_of_its_source(read_tables: ReadTables) -> None:
    later = LONG_AGO.replace(year=2016)
    await read_tables.happened(CREW, ADA, ConversationStarted("group", (), "Old", occurred_at=LONG_AGO))
    await read_tables.happened(CREW, BOB, ParticipantAdded(BOB, 0, occurred_at=later))
    await read_tables.happened(CREW, BOB, MessageSent(1, "hello", derived_id("1"), occurred_at=later))

    (row,) = await read_tables.rows("conversations")
    assert (row["created_at"], row["updated_at"], row["last_activity_at"]) == (LONG_AGO, at(1), later)
    joined = await the(read_tables, BOB)
    assert joined is not None
    assert joined["joined_at"] == later


async def test_the_last_title_picture_and_agent_stay(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, STARTED)
    await read_tables.project(
        *batch(
            read_tables.recorded(CREW, ADA, ConversationRenamed("Crew 2")),
            read_tables.recorded(CREW, ADA, ConversationAvatarChanged("https://example.com/2.png")),
            read_tables.recorded(CREW, ADA, ConversationAgentAssigned(ROBOT)),
            read_tables.recorded(CREW, ADA, ConversationRenamed("Crew 3"), ConversationRenamed("Crew 4")),
            read_tables.recorded(CREW, ADA, ConversationAgentAssigned(None)),
        )
    )

    (row,) = await read_tables.rows("conversations")
    assert (row["title"], row["avatar_url"], row["agent_id"]) == ("Crew 4", "https://example.com/2.png", None)
    assert row["updated_at"] == at(6)
    assert row["last_activity_at"] == at(1)


@pytest.mark.parametrize("changes", list(permutations(CHANGES, 2)))
async def test_the_last_change_says_when_it_changed_also_beside_another_that_changed_the_other_way_round(
    read_tables: ReadTables, changes: tuple[DomainEvent, ...]
) -> None:
    other = group_of("other")
    await read_tables.happened(other, ADA, STARTED)
    await read_tables.happened(CREW, ADA, STARTED)
    await read_tables.project(
        *batch(
            *[read_tables.recorded(other, ADA, each) for each in reversed(changes)],
            *[read_tables.recorded(CREW, ADA, each) for each in changes],
        )
    )

    rows = await read_tables.rows("conversations")
    assert {row["conversation_id"]: row["updated_at"] for row in rows} == {other: at(4), CREW: at(6)}


async def test_the_last_message_is_the_last_activity_whoever_wrote_it(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, STARTED)
    await read_tables.project(
        *batch(
            read_tables.recorded(CREW, ADA, MessageSent(1, "one", derived_id("1"))),
            read_tables.recorded(CREW, BOB, MessageSent(2, "two", derived_id("2"))),
            read_tables.recorded(CREW, ADA, SystemMessageSent(NOTICE, 3, "renamed", title="x")),
        )
    )
    (row,) = await read_tables.rows("conversations")
    assert (row["last_seq"], row["last_activity_at"]) == (3, at(4))

    await read_tables.happened(CREW, BOB, MessageSent(4, "four", derived_id("4")))
    (row,) = await read_tables.rows("conversations")
    assert (row["last_seq"], row["last_activity_at"]) == (4, at(5))


async def test_who_is_added_begins_at_the_last_message(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, ConversationStarted("group", (BOB,), "Crew"))
    await read_tables.happened(CREW, ADA, MessageSent(1, "one", derived_id("1")))
    await read_tables.happened(CREW, ADA, ParticipantAdded(CY, 1, "admin"))

    assert await the(read_tables, CY) == {
        "conversation_id": CREW, "user_id": CY, "role": "admin", "joined_at": at(3), "joined_seq": 1,
        "delivered_seq": 1, "delivered_at": None, "read_seq": 1, "read_at": None, **JUST_IN,
    }  # fmt: skip


async def test_who_leaves_or_is_removed_is_there_no_more_and_may_come_back_anew(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, STARTED)
    await read_tables.happened(CREW, ADA, MessageSent(1, "one", derived_id("1")))
    await read_tables.happened(CREW, BOB, MessagesRead(1))
    await read_tables.happened(CREW, ADA, ParticipantRemoved(BOB))
    await read_tables.happened(CREW, CY, ParticipantLeft())
    assert [row["user_id"] for row in await read_tables.rows("participants")] == [ADA]

    await read_tables.project(
        *batch(
            read_tables.recorded(CREW, ADA, ParticipantAdded(CY, 1)),
            read_tables.recorded(CREW, CY, ParticipantLeft()),
            read_tables.recorded(CREW, ADA, ParticipantAdded(CY, 1)),
            read_tables.recorded(CREW, ADA, ParticipantAdded(BOB, 1)),
            read_tables.recorded(CREW, ADA, ParticipantRemoved(CY), ParticipantAdded(CY, 2)),
        )
    )
    cy, bob = await the(read_tables, CY), await the(read_tables, BOB)
    assert cy is not None
    assert cy["joined_seq"] == 2
    assert bob is not None
    assert (bob["joined_seq"], bob["read_at"]) == (1, None)


async def test_the_owner_leaves_and_another_follows(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, STARTED)
    await read_tables.happened(
        CREW, ADA, ParticipantRoleChanged(BOB, "admin"), ParticipantLeft(), ParticipantRoleChanged(BOB, "owner")
    )

    rows = await read_tables.rows("participants")
    assert {row["user_id"]: row["role"] for row in rows} == {BOB: "owner", CY: "member"}


async def test_markers_stand_where_they_moved_last_and_reading_delivers_too(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, STARTED)
    moves = batch(
        read_tables.recorded(CREW, BOB, MessagesDelivered(2)),
        read_tables.recorded(CREW, BOB, MessagesDelivered(5)),
        read_tables.recorded(CREW, BOB, MessagesRead(3)),
        read_tables.recorded(CREW, BOB, MessagesRead(4)),
        read_tables.recorded(CREW, CY, MessagesRead(1)),
        read_tables.recorded(CREW, BOB, MessagesRead(7)),
    )
    for move in moves[:4]:
        await read_tables.project(move)
    bob = await the(read_tables, BOB)
    assert bob is not None
    assert (bob["delivered_seq"], bob["delivered_at"], bob["read_seq"], bob["read_at"]) == (5, at(3), 4, at(5))

    await read_tables.project(*moves)
    bob, cy = await the(read_tables, BOB), await the(read_tables, CY)
    assert bob is not None
    assert (bob["delivered_seq"], bob["delivered_at"], bob["read_seq"], bob["read_at"]) == (7, at(7), 7, at(7))
    assert cy is not None
    assert (cy["delivered_seq"], cy["delivered_at"], cy["read_seq"], cy["read_at"]) == (1, at(6), 1, at(6))
    assert len(await read_tables.rows("marker_moves")) == 6


async def arrangement(read_tables: ReadTables, user_id: UserId) -> tuple[Any, ...]:
    found = await the(read_tables, user_id)
    assert found is not None
    return tuple(found[column] for column in UNARRANGED)


async def test_each_has_it_for_themselves_since_when_they_arranged_it(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, STARTED)
    await read_tables.happened(CREW, BOB, ConversationPinned())
    await read_tables.happened(CREW, BOB, ConversationArchived())
    await read_tables.happened(CREW, CY, ConversationCleared(0))

    assert await arrangement(read_tables, BOB) == (at(2), at(3), 0, None)
    assert await arrangement(read_tables, CY) == (None, None, 0, at(4))
    assert await arrangement(read_tables, ADA) == (None, None, 0, None)

    await read_tables.happened(CREW, BOB, ConversationUnpinned())
    assert await arrangement(read_tables, BOB) == (None, at(3), 0, None)
    await read_tables.happened(CREW, BOB, ConversationUnarchived())
    assert await arrangement(read_tables, BOB) == (None, None, 0, None)


async def test_what_was_arranged_last_stays_even_in_one_batch_and_goes_with_its_person(
    read_tables: ReadTables,
) -> None:
    lived = batch(
        read_tables.recorded(CREW, ADA, STARTED),
        read_tables.recorded(CREW, BOB, ConversationPinned()),
        read_tables.recorded(CREW, BOB, ConversationUnpinned()),
        read_tables.recorded(CREW, CY, ConversationArchived()),
        read_tables.recorded(CREW, CY, ConversationUnarchived()),
        read_tables.recorded(CREW, BOB, ConversationCleared(1)),
        read_tables.recorded(CREW, CY, ConversationArchived()),
        read_tables.recorded(CREW, BOB, ConversationPinned()),
        read_tables.recorded(CREW, BOB, ConversationCleared(3)),
    )
    await read_tables.project(*lived)
    await read_tables.project(*lived[1:])
    assert await arrangement(read_tables, BOB) == (at(8), None, 3, at(9))
    assert await arrangement(read_tables, CY) == (None, at(7), 0, None)

    await read_tables.happened(CREW, BOB, ParticipantLeft())
    await read_tables.happened(CREW, ADA, ParticipantAdded(BOB, 3))
    assert await arrangement(read_tables, BOB) == (None, None, 0, None)


async def test_of_a_deleted_conversation_nothing_stays_even_in_one_batch(read_tables: ReadTables) -> None:
    spared = read_tables.recorded(PAIR, ADA, ConversationStarted("direct", (BOB,)))
    sent = read_tables.recorded(CREW, ADA, MessageSent(1, "one", derived_id("1")))
    lived = batch(
        read_tables.recorded(CREW, ADA, STARTED),
        sent,
        read_tables.recorded(CREW, ADA, MessageEdited(MessageId(sent[0].command_id), "uno")),
        read_tables.recorded(CREW, BOB, ReactionSet(MessageId(sent[0].command_id), "wow")),
        read_tables.recorded(CREW, BOB, MessagesRead(1)),
        read_tables.recorded(CREW, ADA, ConversationDeleted()),
    )
    tables = ("participants", "conversations", "messages", "message_edits", "message_reactions", "marker_moves")
    await read_tables.project(*spared, *lived)
    at_once = {table: await read_tables.rows(table) for table in tables}
    for event in lived:
        await read_tables.project(event)
    one_by_one = {table: await read_tables.rows(table) for table in tables}

    assert at_once == one_by_one
    assert {table: len(rows) for table, rows in at_once.items()} == {
        "participants": 2, "conversations": 1, "messages": 0, "message_edits": 0, "message_reactions": 0,
        "marker_moves": 0,
    }  # fmt: skip
