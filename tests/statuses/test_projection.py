"""What the read table shows of a status, event by event and in one batch."""

from datetime import timedelta

from shared.events.statuses import DndSet, StatusCleared, StatusSet
from shared.identifiers import JobId
from tests.fixtures.read_tables import ReadTables, at, batch, person

ANNA, BEN = person("Anna"), person("Ben")
LUNCH = StatusSet("🥪", "Lunch", False, at(60) + timedelta(milliseconds=1), JobId("status-anna-1"))
BACK = StatusSet(text="Back")


async def test_a_status_is_replaced_as_a_whole(read_tables: ReadTables) -> None:
    await read_tables.happened(ANNA, ANNA, LUNCH)
    assert await read_tables.rows("user_statuses") == [
        {
            "user_id": ANNA,
            "emoji": "🥪",
            "text": "Lunch",
            "dnd_enabled": False,
            "expires_at": at(60) + timedelta(milliseconds=1),
            "job_id": "status-anna-1",
            "set_at": at(1),
        }
    ]
    await read_tables.happened(ANNA, ANNA, BACK)
    assert await read_tables.rows("user_statuses") == [back_at(2)]


async def test_do_not_disturb_alone_changes_nothing_else(read_tables: ReadTables) -> None:
    await read_tables.happened(ANNA, ANNA, BACK)
    await read_tables.happened(ANNA, ANNA, DndSet(True))
    assert await read_tables.rows("user_statuses") == [back_at(1) | {"dnd_enabled": True}]
    await read_tables.happened(ANNA, ANNA, DndSet(False))
    assert await read_tables.rows("user_statuses") == [back_at(1)]


async def test_where_do_not_disturb_was_all_nothing_is_left(read_tables: ReadTables) -> None:
    await read_tables.happened(ANNA, ANNA, DndSet(True))
    assert await read_tables.rows("user_statuses") == [back_at(1) | {"text": None, "dnd_enabled": True}]
    await read_tables.happened(ANNA, ANNA, DndSet(False))
    assert await read_tables.rows("user_statuses") == []


async def test_a_cleared_status_leaves_nothing(read_tables: ReadTables) -> None:
    await read_tables.happened(ANNA, ANNA, LUNCH)
    await read_tables.happened(BEN, BEN, BACK)
    await read_tables.happened(ANNA, ANNA, StatusCleared("cleared"))
    assert [row["user_id"] for row in await read_tables.rows("user_statuses")] == [BEN]


async def test_one_batch_leads_where_one_by_one_does(read_tables: ReadTables) -> None:
    events = [
        read_tables.recorded(user, user, event)
        for event in (LUNCH, BACK, DndSet(True), StatusCleared("cleared"), DndSet(True), DndSet(False), DndSet(True))
        for user in (ANNA, BEN)
    ]
    await read_tables.project(*batch(*events))
    together = await read_tables.rows("user_statuses")
    await read_tables.connection.execute("TRUNCATE user_statuses")
    for each in events:
        await read_tables.project(*each)
    assert await read_tables.rows("user_statuses") == together


async def test_twice_is_as_good_as_once(read_tables: ReadTables) -> None:
    events = read_tables.recorded(ANNA, ANNA, LUNCH, DndSet(True)) + read_tables.recorded(BEN, BEN, DndSet(True))
    await read_tables.project(*events)
    once = await read_tables.rows("user_statuses")
    await read_tables.project(*events)
    assert await read_tables.rows("user_statuses") == once


def back_at(second: int) -> dict[str, object]:
    return {
        "user_id": ANNA,
        "emoji": None,
        "text": "Back",
        "dnd_enabled": False,
        "expires_at": None,
        "job_id": None,
        "set_at": at(second),
    }
