"""What somebody finds of the files that they kept."""

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
from shared.events.files import FileUploaded
from shared.events.messages import Attachment, MessageEdited, MessageSent, MessageUnsent
from shared.identifiers import ConversationId, FileId, MessageId, UserId, bookmark_id_of, derived_id
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, group_of, person

ANNA, BEN, EVE = person("Anna"), person("Ben"), person("Eve")
PIER, QUAY = group_of("Pier"), group_of("Quay")
TIDES = FileId(derived_id("file", "tides"))


@pytest.fixture
async def town(read_tables: ReadTables) -> ReadTables:
    """Ben has two groups with Anna, and the tides as a file."""
    for where in (PIER, QUAY):
        await read_tables.happened(where, BEN, ConversationStarted("group", (ANNA,), title="Pier"))
    await read_tables.happened(BEN, BEN, FileUploaded(TIDES, "tides.pdf", "application/pdf", 20_480, "0" * 64))
    return read_tables


async def shows(town: ReadTables, seq: int = 1, where: ConversationId = PIER) -> MessageId:
    """Ben shows the tides."""
    attached = (Attachment("file", TIDES, name="canary"),)
    shown = MessageSent(seq, "canary", derived_id("client", str(seq)), "file", attachments=attached)
    return await town.happened(where, BEN, shown)


async def keeps(town: ReadTables, by: UserId, file_id: str = TIDES) -> str:
    bookmark_id = bookmark_id_of(by, "file", file_id)
    await town.happened(by, by, BookmarkToggled(bookmark_id, "file", file_id, True, note="for Sunday"))
    return bookmark_id


async def seen(town: ReadTables, by: UserId = ANNA) -> tuple[str, str | None]:
    """The state and the preview of the one bookmark."""
    [found] = (await town.answer(by, "/bookmarks"))["items"]
    assert found["note"] == "for Sunday"
    return found["target_state"], found["preview"]


async def test_a_bookmark_of_a_file_shows_its_name(town: ReadTables) -> None:
    await shows(town)
    bookmark_id = await keeps(town, ANNA)
    assert (await town.answer(ANNA, "/bookmarks"))["items"] == [
        {
            "bookmark_id": bookmark_id,
            "type": "file",
            "target_id": TIDES,
            "conversation_id": None,
            "note": "for Sunday",
            "target_state": "available",
            "preview": "tides.pdf",
            "created_at": time_text(at(town.commands)),
        }
    ]


async def test_whoever_uploaded_a_file_needs_no_message_to_keep_it(town: ReadTables) -> None:
    await keeps(town, BEN)
    assert await seen(town, BEN) == ("available", "tides.pdf")
    message = await shows(town)
    await town.happened(PIER, BEN, MessageUnsent(message))
    assert await seen(town, BEN) == ("available", "tides.pdf")


async def test_a_long_name_is_shown_by_its_beginning(town: ReadTables) -> None:
    name = "a" * 101
    long = FileId(derived_id("file", name))
    await town.happened(ANNA, ANNA, FileUploaded(long, name, "text/plain", 1, "0" * 64))
    await keeps(town, ANNA, long)
    assert await seen(town) == ("available", "a" * 100)


async def test_a_file_is_theirs_to_read_as_long_as_one_message_is_that_has_it(town: ReadTables) -> None:
    first = await shows(town)
    await shows(town, 2)
    second = await shows(town, 1, QUAY)
    await keeps(town, ANNA)
    steps: list[tuple[ConversationId, UserId, DomainEvent]] = [
        (PIER, BEN, MessageUnsent(first)),
        (PIER, ANNA, ConversationCleared(2)),
        (QUAY, BEN, MessageUnsent(second)),
    ]
    found = []
    for where, by, event in steps:
        await town.happened(where, by, event)
        found.append((await seen(town))[0])
    assert found == ["available", "available", "inaccessible"]
    await shows(town, 3)
    assert await seen(town) == ("available", "tides.pdf")


async def test_a_file_does_not_change_with_the_text_beside_it(town: ReadTables) -> None:
    message = await shows(town)
    await keeps(town, ANNA)
    await town.happened(PIER, BEN, MessageEdited(message, "At ten"))
    assert await seen(town) == ("available", "tides.pdf")


@pytest.mark.parametrize("gone", ["never in", "never shown", "removed", "cleared", "unsent", "deleted"])
async def test_nothing_of_a_file_is_told_to_whom_it_is_not_for(town: ReadTables, gone: str) -> None:
    by = EVE if gone == "never in" else ANNA
    message = await shows(town) if gone != "never shown" else MessageId(derived_id("message", "none"))
    await keeps(town, by)
    happens: dict[str, tuple[UserId, DomainEvent]] = {
        "removed": (BEN, ParticipantRemoved(ANNA)),
        "cleared": (ANNA, ConversationCleared(1)),
        "unsent": (BEN, MessageUnsent(message)),
        "deleted": (BEN, ConversationDeleted()),
    }
    if gone in happens:
        await town.happened(PIER, *happens[gone])
    assert await seen(town, by) == ("inaccessible", None)
    answers: list[Any] = [
        await town.answer(by, "/bookmarks", type="file"),
        await town.answer(by, "/bookmarks/check", type="file", ids=TIDES),
    ]
    assert not any(secret in str(answers) for secret in ("canary", "tides.pdf"))
    assert answers[1] == {"bookmarked": [TIDES]}


async def test_a_bookmark_stands_without_its_file(town: ReadTables) -> None:
    await keeps(town, ANNA, derived_id("file", "not here yet"))
    assert await seen(town) == ("inaccessible", None)


async def test_files_and_messages_are_listed_together_or_by_type(town: ReadTables) -> None:
    message = await shows(town)
    await keeps(town, ANNA)
    of_message = BookmarkToggled(bookmark_id_of(ANNA, "message", message), "message", message, True, PIER)
    await town.happened(ANNA, ANNA, of_message)
    listed = {
        kind: [(each["type"], each["target_id"]) for each in await town.everything(ANNA, "/bookmarks", limit=1, **more)]
        for kind, more in (("all", {}), ("message", {"type": "message"}), ("file", {"type": "file"}))
    }
    assert listed == {
        "all": [("message", message), ("file", TIDES)],
        "message": [("message", message)],
        "file": [("file", TIDES)],
    }


async def test_a_check_tells_files_from_messages(town: ReadTables) -> None:
    await keeps(town, ANNA)
    for kind, kept in (("file", [TIDES]), ("message", [])):
        answer = await town.answer(ANNA, "/bookmarks/check", type=kind, ids=f"{PIER},{TIDES}")
        assert answer == {"bookmarked": kept}
