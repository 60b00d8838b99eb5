"""What the read table holds of files."""

from shared.events.files import FileUploaded
from shared.events.people import UserDeactivated
from shared.identifiers import FileId, UserId, derived_id
from tests.fixtures.read_tables import ReadTables, at, batch, person

ANNA, BEN = person("Anna"), person("Ben")


def uploaded(name: str) -> FileUploaded:
    return FileUploaded(FileId(derived_id("file", name)), name, "image/png", 2**31, "f" * 64)


def row(name: str, by: UserId, second: int) -> dict[str, object]:
    return {
        "file_id": derived_id("file", name),
        "user_id": by,
        "name": name,
        "media_type": "image/png",
        "size": 2**31,
        "sha256": "f" * 64,
        "uploaded_at": at(second),
    }


async def test_a_row_is_a_file_and_says_whose_it_is(read_tables: ReadTables) -> None:
    await read_tables.happened(ANNA, ANNA, uploaded("boat"))
    await read_tables.happened(BEN, BEN, uploaded("tide"))

    assert await read_tables.rows("files") == sorted([row("boat", ANNA, 1), row("tide", BEN, 2)], key=repr)


async def test_a_file_stays_when_its_uploader_leaves(read_tables: ReadTables) -> None:
    await read_tables.happened(ANNA, ANNA, uploaded("boat"))
    await read_tables.happened(ANNA, ANNA, UserDeactivated())

    assert await read_tables.rows("files") == [row("boat", ANNA, 1)]


async def test_one_batch_leads_where_one_by_one_does_and_twice_where_once_does(read_tables: ReadTables) -> None:
    events = [read_tables.recorded(by, by, uploaded(name)) for by, name in ((ANNA, "boat"), (BEN, "tide"))]
    for each in events:
        await read_tables.project(*each)
    one_by_one = await read_tables.rows("files")
    assert len(one_by_one) == 2
    await read_tables.connection.execute("TRUNCATE files")
    for _ in range(2):
        await read_tables.project(*batch(*events))
        assert await read_tables.rows("files") == one_by_one
