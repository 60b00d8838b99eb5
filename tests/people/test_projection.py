"""Who is in the table of people, after what happened to them."""

from shared.events.people import AvatarChanged, DisplayNameChanged, UserRegistered
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
            "registered_at": at(1),
            "updated_at": at(1),
        }
    ]


async def test_an_agent_is_told_apart(read_tables: ReadTables) -> None:
    await read_tables.happened(ROBOT, ADA, UserRegistered("robot", "Robot", kind="agent"))

    (row,) = await read_tables.rows("users")
    assert row["kind"] == "agent"


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
