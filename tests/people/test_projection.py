"""Who is in the table of people, after what happened to them."""

from shared.events.bookmarks import BookmarkNoteChanged, BookmarkToggled
from shared.events.people import AvatarChanged, DisplayNameChanged, UserDeactivated, UserRegistered
from shared.events.statuses import StatusSet
from shared.identifiers import bookmark_id_of, derived_id
from tests.fixtures.read_tables import ReadTables, at, batch, person

ADA, ROBOT = person("Ada"), person("Robot")
PICTURE = "https://example.com/ada.png"


async def test_whoever_registers_is_there(read_tables: ReadTables) -> None:
    await read_tables.happened(ADA, ADA, UserRegistered("ada_1", "Ada"))

    assert await read_tables.rows("users") == [
        {
            "user_id": ADA,
            "username": "ada_1",
            "display_name": "Ada",
            "avatar_url": None,
            "kind": "person",
            "owner_id": None,
            "registered_at": at(1),
            "updated_at": at(1),
        }
    ]


async def test_an_agent_is_told_apart(read_tables: ReadTables) -> None:
    await read_tables.happened(ROBOT, ADA, UserRegistered("robot", "Robot", kind="agent"))

    (row,) = await read_tables.rows("users")
    assert (row["kind"], row["owner_id"]) == ("agent", ADA)


async def test_the_last_name_and_the_last_picture_stay(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada")
    names = read_tables.recorded(ADA, ADA, DisplayNameChanged("A."))
    picture = read_tables.recorded(ADA, ADA, AvatarChanged(PICTURE))
    again = read_tables.recorded(ADA, ADA, DisplayNameChanged("Ada L."), DisplayNameChanged("Countess"))
    await read_tables.project(*batch(names, picture, again))

    (row,) = await read_tables.rows("users")
    assert (row["display_name"], row["avatar_url"], row["updated_at"]) == ("Countess", PICTURE, at(4))
    assert row["registered_at"] == at(1)


async def test_a_picture_can_be_taken_away(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada")
    await read_tables.happened(ADA, ADA, AvatarChanged(PICTURE), AvatarChanged(None))

    (row,) = await read_tables.rows("users")
    assert row["avatar_url"] is None


async def test_of_who_has_left_the_row_stays_and_tells_little(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    await read_tables.happened(ADA, ADA, AvatarChanged(PICTURE))
    await read_tables.happened(ADA, ADA, UserDeactivated())

    assert await read_tables.row("users", user_id=ADA) == {
        "user_id": ADA,
        "username": "ada_1",
        "display_name": "Deactivated user",
        "avatar_url": None,
        "kind": "deactivated",
        "owner_id": None,
        "registered_at": at(1),
        "updated_at": at(4),
    }
    bob = await read_tables.row("users", user_id=person("Bob"))
    assert bob is not None
    assert (bob["display_name"], bob["kind"]) == ("Bob", "person")


async def test_bookmarks_and_status_go_with_who_leaves_also_in_one_batch(read_tables: ReadTables) -> None:
    bob, message = person("Bob"), derived_id("message", "kept")
    kept = BookmarkToggled(bookmark_id_of(ADA, "message", message), "message", message, True)
    bobs = BookmarkToggled(bookmark_id_of(bob, "message", message), "message", message, True)
    await read_tables.registered("Ada", "Bob")
    events = batch(
        read_tables.recorded(ADA, ADA, kept),
        read_tables.recorded(bob, bob, bobs, StatusSet(text="Here")),
        read_tables.recorded(ADA, ADA, StatusSet(text="There")),
        read_tables.recorded(ADA, ADA, BookmarkNoteChanged(kept.bookmark_id, "why")),
        read_tables.recorded(ADA, ADA, UserDeactivated()),
    )

    for _ in range(2):
        await read_tables.project(*events)

        assert [row["user_id"] for row in await read_tables.rows("bookmarks")] == [bob]
        assert [row["user_id"] for row in await read_tables.rows("user_statuses")] == [bob]


async def test_all_of_it_in_one_batch_is_the_same_as_one_by_one_and_as_twice(read_tables: ReadTables) -> None:
    events = batch(
        read_tables.recorded(ADA, ADA, UserRegistered("ada_1", "Ada")),
        read_tables.recorded(ROBOT, ADA, UserRegistered("robot", "Robot", kind="agent")),
        read_tables.recorded(ADA, ADA, DisplayNameChanged("A.")),
        read_tables.recorded(ADA, ADA, AvatarChanged(PICTURE)),
        read_tables.recorded(ADA, ADA, DisplayNameChanged("Countess")),
    )
    for event in events:
        await read_tables.project(event)
    one_by_one = await read_tables.rows("users")
    await read_tables.project(*events)
    twice = await read_tables.rows("users")
    await read_tables.connection.execute("TRUNCATE users")
    await read_tables.project(*events)

    assert one_by_one == twice == await read_tables.rows("users")
    assert {row["display_name"] for row in twice} == {"Countess", "Robot"}
