"""Whom messages have reached, and when; and what somebody has not read."""

from collections.abc import Sequence
from typing import Any

from services.projector.questions import unread
from shared.events.conversations import ParticipantAdded, ParticipantLeft
from shared.events.messages import MessagesDelivered, MessagesRead, MessageUnsent
from shared.identifiers import UserId
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at
from tests.messages.crew import ADA, BOB, CREW, CY, a_crew, fill, noted, said, the


async def test_a_status_speaks_of_everyone_else(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    sent = await read_tables.happened(CREW, ADA, said(1))
    later = await read_tables.happened(CREW, ADA, said(2))
    moves: Sequence[tuple[UserId, Any]] = [
        (BOB, MessagesDelivered(2)),
        (CY, MessagesDelivered(1)),
        (BOB, MessagesRead(2)),
        (CY, MessagesRead(1)),
    ]
    statuses = []
    for who, move in moves:
        await read_tables.happened(CREW, who, move)
        statuses.append(((await the(read_tables, sent))["status"], (await the(read_tables, later))["status"]))

    assert statuses == [("sent", "sent"), ("delivered", "sent"), ("delivered", "sent"), ("read", "sent")]
    await read_tables.happened(CREW, CY, ParticipantLeft())
    assert (await the(read_tables, later))["status"] == "read"
    await read_tables.happened(CREW, BOB, ParticipantLeft())
    assert (await the(read_tables, later))["status"] == "sent"


async def test_receipts_say_when_each_was_first_reached(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    first = await read_tables.happened(CREW, ADA, said(1))
    second = await read_tables.happened(CREW, ADA, said(2))
    await read_tables.happened(CREW, BOB, MessagesDelivered(2))
    await read_tables.happened(CREW, BOB, MessagesRead(1))
    await read_tables.happened(CREW, CY, MessagesRead(1))
    await read_tables.happened(CREW, BOB, MessagesRead(2))
    path = f"/conversations/{CREW}/messages"

    def receipt(user_id: UserId, delivered: int | None, read: int | None) -> dict[str, Any]:
        return {
            "user_id": user_id,
            "delivered": delivered is not None,
            "delivered_at": delivered and time_text(at(delivered)),
            "read": read is not None,
            "read_at": read and time_text(at(read)),
        }

    of_first = sorted([receipt(BOB, 4, 5), receipt(CY, 6, 6)], key=lambda each: each["user_id"])
    of_second = sorted([receipt(BOB, 4, 7), receipt(CY, None, None)], key=lambda each: each["user_id"])
    for by in (ADA, BOB, CY):
        for limit in (1, 2):
            assert await read_tables.everything(by, f"{path}/{first}/receipts", limit=limit) == of_first
            assert await read_tables.everything(by, f"{path}/{second}/receipts", limit=limit) == of_second


async def test_who_came_later_has_what_was_there_before_but_no_time_for_it(read_tables: ReadTables) -> None:
    await a_crew(read_tables, BOB)
    before = await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(CREW, ADA, ParticipantAdded(CY, 1))
    after = await read_tables.happened(CREW, ADA, said(2))
    await read_tables.happened(CREW, CY, MessagesRead(2))
    path = f"/conversations/{CREW}/messages"

    async def to_cy(message_id: str) -> tuple[Any, ...]:
        items = (await read_tables.answer(ADA, f"{path}/{message_id}/receipts"))["items"]
        (found,) = [each for each in items if each["user_id"] == CY]
        return tuple(found[name] for name in ("delivered", "delivered_at", "read", "read_at"))

    assert await to_cy(before) == (True, None, True, None)
    assert await to_cy(after) == (True, time_text(at(5)), True, time_text(at(5)))


async def test_unread_is_explained_by_its_messages_and_its_marker(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    sent = [await read_tables.happened(CREW, who, said(seq)) for seq, who in enumerate((BOB, BOB, ADA, CY, BOB), 1)]
    await read_tables.happened(CREW, BOB, noted(6))
    await read_tables.happened(CREW, ADA, MessagesRead(1))
    await read_tables.happened(CREW, CY, MessageUnsent(sent[3]))
    path = f"/conversations/{CREW}/unread"

    assert await read_tables.answer(ADA, path) == {
        "count": 2, "read_seq": None, "cleared_seq": None, "message_ids": None, "has_more": None
    }  # fmt: skip
    assert await read_tables.answer(ADA, path, explain="1") == {
        "count": 2, "read_seq": 1, "cleared_seq": 0, "message_ids": [sent[1], sent[4]], "has_more": False
    }  # fmt: skip
    await read_tables.happened(CREW, ADA, MessagesRead(6))
    assert await read_tables.answer(ADA, path, explain="true") == {
        "count": 0, "read_seq": 6, "cleared_seq": 0, "message_ids": [], "has_more": False
    }  # fmt: skip
    assert (await read_tables.ask(ADA, path, explain="perhaps"))[0] == 422


async def test_a_long_explanation_is_cut_but_counts_all(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await fill(read_tables, unread.EXPLAINED_LIMIT)
    whole = await read_tables.answer(ADA, f"/conversations/{CREW}/unread", explain="1")
    await read_tables.happened(CREW, BOB, said(unread.EXPLAINED_LIMIT + 1))
    cut = await read_tables.answer(ADA, f"/conversations/{CREW}/unread", explain="1")

    assert (whole["count"], len(whole["message_ids"]), whole["has_more"]) == (1000, 1000, False)
    assert (cut["count"], cut["message_ids"], cut["has_more"]) == (1001, whole["message_ids"], True)
