"""Who is who, as anybody signed in may ask."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.projector.projections.last_seen import note
from shared.events.people import AvatarChanged, UserDeactivated, UserRegistered
from tests.fixtures.read_tables import ReadTables, at, person

ADA, BOB, CY = person("Ada"), person("Bob"), person("Cy")


def shown(name: str, **more: Any) -> dict[str, Any]:
    return {
        "user_id": person(name),
        "username": f"{name.lower()}_1",
        "display_name": name,
        "avatar_url": None,
        "kind": "person",
        "last_seen_at": None,
    } | more


async def test_i_see_myself_as_others_do(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    await read_tables.happened(ADA, ADA, AvatarChanged("https://example.com/ada.png"))

    seen = shown("Ada", avatar_url="https://example.com/ada.png")
    assert await read_tables.answer(ADA, "/me") == seen
    assert await read_tables.answer(BOB, f"/users/{ADA}") == seen
    assert await read_tables.answer(BOB, f"/users/{ADA.upper()}") == seen


async def test_it_is_shown_when_somebody_was_last_seen_to_the_millisecond(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    await note(read_tables.connection, {ADA: at(1) + timedelta(microseconds=1_999)})

    seen = shown("Ada", last_seen_at="2026-03-02T12:00:01.001Z")
    assert await read_tables.answer(ADA, "/me") == seen
    assert await read_tables.answer(BOB, f"/users/{ADA}") == seen
    assert (await read_tables.answer(BOB, "/users", username="ada_1"))["items"] == [seen]
    assert (await read_tables.answer(BOB, "/users", ids=f"{BOB},{ADA}"))["items"] == [shown("Bob"), seen]


async def test_it_is_shown_when_an_agent_was_last_seen(read_tables: ReadTables) -> None:
    await read_tables.happened(person("Robot"), ADA, UserRegistered("robot_1", "Robot", kind="agent"))
    await note(read_tables.connection, {person("Robot"): at(1)})

    (robot,) = await read_tables.everything(ADA, "/agents")

    assert robot == shown("Robot", kind="agent", last_seen_at="2026-03-02T12:00:01.000Z")


async def test_of_whoever_has_left_it_is_not_shown_when_they_were_last_seen(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    await note(read_tables.connection, {ADA: at(1)})
    await read_tables.happened(ADA, ADA, UserDeactivated())

    assert (await read_tables.answer(BOB, f"/users/{ADA}"))["last_seen_at"] is None


async def test_nobody_is_not_found(read_tables: ReadTables) -> None:
    for path in ("/me", f"/users/{uuid4()}", "/users/ada_1", "/users/'; DROP TABLE users; --"):
        status, body = await read_tables.ask(CY, path)
        assert (status, body["code"]) == (404, "not-found"), path


async def test_people_are_found_by_their_username_in_any_case(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")

    found = await read_tables.answer(BOB, "/users", username="aDa_1")

    assert found == {"items": [shown("Ada")], "has_more": False, "next_cursor": None}
    for almost in ("ada", "ada_", "ada_11", "Aada_1"):
        assert (await read_tables.answer(BOB, "/users", username=almost))["items"] == []


async def test_many_are_answered_in_the_order_they_were_asked_for_once_each(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob", "Cy")

    found = await read_tables.answer(ADA, "/users", ids=",".join([CY, str(uuid4()), ADA.upper(), CY, BOB]))

    assert found == {"items": [shown("Cy"), shown("Ada"), shown("Bob")], "has_more": False, "next_cursor": None}


async def test_a_hundred_may_be_asked_for_at_once_and_not_one_more(read_tables: ReadTables) -> None:
    names = [f"P{number}" for number in range(101)]
    for name in names[:100]:
        await read_tables.happened(person(name), person(name), UserRegistered(name, name))

    at_the_limit = await read_tables.answer(ADA, "/users", ids=",".join(map(person, names[:100])))
    status, body = await read_tables.ask(ADA, "/users", ids=",".join(map(person, names)))

    assert [each["display_name"] for each in at_the_limit["items"]] == names[:100]
    assert (status, body["code"], body["errors"][0]["pointer"]) == (422, "invalid-content", "/ids")


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"username": "ada_1", "ids": ADA},
        {"username": ""},
        {"username": "a" * 51},
        {"username": "ada%"},
        {"username": "ada\n"},
        {"ids": ""},
        {"ids": "ada_1"},
        {"ids": f"{ADA},"},
        {"username": "ada_1", "limit": "5"},
    ],
    ids=str,
)
async def test_what_says_nothing_clear_is_refused(read_tables: ReadTables, parameters: dict[str, str]) -> None:
    status, body = await read_tables.ask(ADA, "/users", **parameters)

    assert (status, body["code"]) == (422, "invalid-content")


async def test_whoever_has_left_is_shown_as_somebody_who_has(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    await read_tables.happened(ADA, ADA, AvatarChanged("https://example.com/ada.png"))
    await read_tables.happened(ADA, ADA, UserDeactivated())

    gone = shown("Ada", display_name="Deactivated user", kind="deactivated")
    assert await read_tables.answer(BOB, f"/users/{ADA}") == gone
    assert (await read_tables.answer(BOB, "/users", ids=f"{ADA},{BOB}"))["items"] == [gone, shown("Bob")]


async def test_everybody_sees_their_own_agents_in_the_order_they_were_made(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    names = [f"R{number}" for number in range(5)]
    for name in names:
        await read_tables.happened(person(name), ADA, UserRegistered(f"{name.lower()}_1", name, kind="agent"))
    await read_tables.happened(person("Other"), BOB, UserRegistered("other_1", "Other", kind="agent"))

    agents = await read_tables.everything(ADA, "/agents", limit="2")

    assert agents == [shown(name, kind="agent") for name in names]
    assert [each["username"] for each in await read_tables.everything(BOB, "/agents")] == ["other_1"]
    assert await read_tables.everything(CY, "/agents") == []


@pytest.mark.parametrize("parameters", [{"limit": "0"}, {"limit": "101"}, {"cursor": "W10"}, {"of": ADA}], ids=str)
async def test_what_is_no_page_of_agents_is_refused(read_tables: ReadTables, parameters: dict[str, str]) -> None:
    status, body = await read_tables.ask(ADA, "/agents", **parameters)

    assert (status, body["code"]) == (422, "invalid-content")
    assert (await read_tables.ask(ADA, "/agents", limit="100"))[0] == 200
