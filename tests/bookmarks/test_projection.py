"""What the read table holds of bookmarks, event by event and in one batch."""

from shared.events.bookmarks import BookmarkNoteChanged, BookmarkToggled
from shared.events.domain_event import DomainEvent
from shared.identifiers import bookmark_id_of, derived_id
from tests.fixtures.read_tables import ReadTables, at, batch, group_of, person

ANNA = person("Anna")
PIER = group_of("Pier")
BOAT, TIDE = derived_id("message", "boat"), derived_id("message", "tide")


def switched(target: str, *, on: bool, note: str | None = None) -> BookmarkToggled:
    bookmark_id = bookmark_id_of(ANNA, "message", target)
    return BookmarkToggled(bookmark_id, "message", target, on, conversation_id=PIER, note=note)


def noted(target: str, note: str | None) -> BookmarkNoteChanged:
    return BookmarkNoteChanged(bookmark_id_of(ANNA, "message", target), note)


def kept(target: str, note: str | None, second: int) -> dict[str, object]:
    return {
        "bookmark_id": bookmark_id_of(ANNA, "message", target),
        "user_id": ANNA,
        "target_type": "message",
        "target_id": target,
        "conversation_id": PIER,
        "note": note,
        "created_at": at(second),
    }


async def test_switching_on_again_renews_when_it_was_created_and_the_note(read_tables: ReadTables) -> None:
    await happened(read_tables, switched(BOAT, on=True, note="nine"))
    assert await read_tables.rows("bookmarks") == [kept(BOAT, "nine", 1)]
    await happened(read_tables, switched(BOAT, on=False))
    assert await read_tables.rows("bookmarks") == []
    await happened(read_tables, switched(BOAT, on=True))
    assert await read_tables.rows("bookmarks") == [kept(BOAT, None, 3)]


async def test_a_note_changes_nothing_else(read_tables: ReadTables) -> None:
    await happened(read_tables, switched(BOAT, on=True, note="nine"), switched(TIDE, on=True))
    await happened(read_tables, noted(BOAT, None), noted(TIDE, "high"))
    assert {row["target_id"]: row for row in await read_tables.rows("bookmarks")} == {
        BOAT: kept(BOAT, None, 1),
        TIDE: kept(TIDE, "high", 1),
    }


async def test_a_file_is_kept_beside_a_message_with_the_same_id(read_tables: ReadTables) -> None:
    bookmark_id = bookmark_id_of(ANNA, "file", BOAT)
    await happened(read_tables, switched(BOAT, on=True), BookmarkToggled(bookmark_id, "file", BOAT, True, note="a"))
    of_file = {"bookmark_id": bookmark_id, "target_type": "file", "conversation_id": None}
    rows = {row["target_type"]: row for row in await read_tables.rows("bookmarks")}
    assert rows == {"message": kept(BOAT, None, 1), "file": kept(BOAT, "a", 1) | of_file}


async def test_one_batch_leads_where_one_by_one_does_and_twice_where_once_does(read_tables: ReadTables) -> None:
    steps: list[DomainEvent] = []
    for target in (BOAT, TIDE):
        steps += [switched(target, on=True, note="a"), noted(target, "b"), switched(target, on=False)]
        steps += [switched(target, on=True), noted(target, "c"), noted(target, "d")]
    steps.append(switched(TIDE, on=False))
    events = [read_tables.recorded(ANNA, ANNA, event) for event in steps]
    for each in events:
        await read_tables.project(*each)
    one_by_one = await read_tables.rows("bookmarks")
    assert one_by_one == [kept(BOAT, "d", 4)]
    await read_tables.connection.execute("TRUNCATE bookmarks")
    await read_tables.project(*batch(*events))
    assert await read_tables.rows("bookmarks") == one_by_one
    await read_tables.project(*batch(*events))
    assert await read_tables.rows("bookmarks") == one_by_one


async def happened(read_tables: ReadTables, *events: DomainEvent) -> None:
    await read_tables.happened(ANNA, ANNA, *events)
