"""Agents and their keys, over HTTP against a whole command service."""

from typing import Any
from uuid import uuid4

import asyncpg
import jwt
import pytest

from services.command.features.people.agent_routes import KEY_LIMIT, KeyOfAgent, NewAgent
from tests.conversations.talking import a_group, pointers_of, read, say, started, told
from tests.fixtures.command_service import Answer, CommandService, Person
from tests.fixtures.names import eventually
from tests.fixtures.query_service import QueryService

GOOD = {"username": "robot", "display_name": "Robot"}


def wanted(**other: Any) -> dict[str, Any]:
    return {"username": f"robot_{uuid4().hex[:12]}", "display_name": "Robot", **other}


async def make(owner: Person, body: dict[str, Any] | None = None, **more: Any) -> Answer:
    return await owner.ask("POST", "/v1/agents", body or wanted(), **more)


async def log_in(service: CommandService, key: str) -> Answer:
    return await service.ask("POST", "/v1/auth/agent", {"key": key})


# The form of what is sent


@pytest.mark.parametrize(
    "other",
    [
        {"username": "abc"},
        {"username": "a" * 50},
        {"display_name": "R"},
        {"display_name": "👩" * 100},
    ],
)
def test_at_the_limit_an_agent_is_taken(other: dict[str, str]) -> None:
    assert read(NewAgent, GOOD | other) == NewAgent(**(GOOD | other))


@pytest.mark.parametrize(
    "other",
    [
        {"username": "ab"},
        {"username": "a" * 51},
        {"username": "robot-1"},
        {"display_name": ""},
        {"display_name": " \u2003"},
        {"display_name": "👩" * 101},
        {"key": "chosen by the caller"},
    ],
)
def test_one_past_the_limit_an_agent_is_refused(other: dict[str, str]) -> None:
    assert pointers_of(NewAgent, GOOD | other) == [f"/{name}" for name in other]


def test_a_key_is_of_a_sensible_length() -> None:
    assert read(KeyOfAgent, {"key": "k" * KEY_LIMIT}) == KeyOfAgent(key="k" * KEY_LIMIT)
    for length in (0, KEY_LIMIT + 1):
        assert pointers_of(KeyOfAgent, {"key": "k" * length}) == ["/key"]


# Making agents


async def test_an_agent_is_made_and_logs_in(command_service: CommandService) -> None:
    ada = await command_service.register()
    made = await make(ada)
    assert made.status == 201
    assert made.body.keys() == {"command_id", "position", "user_id", "key"}

    answer = await log_in(command_service, made.body["key"])

    assert answer.status == 200
    assert answer.body.keys() == {"user_id", "access_token", "expires_in"}
    assert (answer.body["user_id"], answer.body["expires_in"]) == (made.body["user_id"], 900)
    account = await command_service.ask("GET", "/v1/me/account", token=answer.body["access_token"])
    assert (account.body["user_id"], account.body["email"]) == (made.body["user_id"], None)


async def test_a_repeat_finds_the_agent_and_is_shown_no_key(command_service: CommandService) -> None:
    ada, body = await command_service.register(), wanted()
    first, again = await make(ada, body, key="a"), await make(ada, body, key="a")
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body | {"key": None}
    assert (await log_in(command_service, first.body["key"])).status == 200
    other = await make(ada, body | {"display_name": "Other"}, key="a")
    assert told(other) == (422, "key-used-for-other-content")


async def test_what_became_of_an_agent_is_told_to_its_owner(command_service: CommandService) -> None:
    ada, eve = await command_service.register(), await command_service.register()
    made = (await make(ada)).body
    path = f"/v1/commands/{made['user_id']}/{made['command_id']}"
    told_ada = await ada.ask("GET", path)
    assert (told_ada.status, told_ada.body["position"]) == (200, made["position"])
    assert told(await eve.ask("GET", path)) == (404, "not-recorded")


async def test_a_username_is_taken_by_a_person_or_an_agent(command_service: CommandService) -> None:
    ada, body = await command_service.register(), wanted()
    assert (await make(ada, body)).status == 201
    assert told(await make(ada, body)) == (409, "username-taken")
    assert told(await make(ada, wanted(username=ada.username.upper()))) == (409, "username-taken")


async def test_an_agent_makes_no_agents(command_service: CommandService) -> None:
    robot = await (await command_service.register()).make_agent()
    assert told(await make(robot)) == (403, "only-people-own-agents")


# Keys


async def test_a_new_key_takes_the_place_of_the_old_one(command_service: CommandService) -> None:
    ada = await command_service.register()
    made = (await make(ada)).body

    answer = await ada.ask("POST", f"/v1/agents/{made['user_id']}/key")

    assert answer.status == 200
    assert answer.body.keys() == {"user_id", "key"}
    assert told(await log_in(command_service, made["key"])) == (401, "agent-key-invalid")
    assert (await log_in(command_service, answer.body["key"])).status == 200


async def test_a_revoked_key_lets_nobody_in_until_there_is_a_new_one(command_service: CommandService) -> None:
    ada = await command_service.register()
    made = (await make(ada)).body
    path = f"/v1/agents/{made['user_id']}/key"
    for _ in range(2):
        assert (await ada.ask("DELETE", path)).status == 200
    assert told(await log_in(command_service, made["key"])) == (401, "agent-key-invalid")
    key = (await ada.ask("POST", path)).body["key"]
    assert (await log_in(command_service, key)).status == 200


async def test_only_its_owner_has_a_say_over_a_key(command_service: CommandService) -> None:
    ada, eve = await command_service.register(), await command_service.register()
    made = (await make(ada)).body
    robot = await ada.make_agent()
    for who, whose in ((eve, made["user_id"]), (robot, robot.user_id), (ada, ada.user_id), (ada, str(uuid4()))):
        for method in ("POST", "DELETE"):
            assert told(await who.ask(method, f"/v1/agents/{whose}/key")) == (404, "no-such-agent")
    assert (await log_in(command_service, made["key"])).status == 200


@pytest.mark.parametrize("key", ["k", "ä", "A" * 64, "A" * 63, "%" * 64, "A" * 200])
async def test_what_is_no_key_lets_nobody_in(command_service: CommandService, key: str) -> None:
    assert told(await log_in(command_service, key)) == (401, "agent-key-invalid")


async def test_a_key_with_another_secret_lets_nobody_in(command_service: CommandService) -> None:
    key = (await make(await command_service.register())).body["key"]
    other = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert told(await log_in(command_service, other)) == (401, "agent-key-invalid")


async def test_no_key_is_kept(command_service: CommandService) -> None:
    made = (await make(await command_service.register())).body
    connection = await asyncpg.connect(command_service.settings.database_url)
    row = await connection.fetchrow(
        "SELECT a::text AS whole, key_hash FROM accounts.accounts a WHERE user_id = $1", made["user_id"]
    )
    await connection.close()
    assert row is not None
    assert len(row["key_hash"]) == 32
    assert made["key"] not in row["whole"]


async def test_when_the_owner_leaves_the_keys_of_their_agents_go(command_service: CommandService) -> None:
    ada, eve = await command_service.register(), await command_service.register()
    adas, eves = (await make(ada)).body, (await make(eve)).body
    await ada.ask("DELETE", "/v1/me")
    assert told(await log_in(command_service, adas["key"])) == (401, "agent-key-invalid")
    assert (await log_in(command_service, eves["key"])).status == 200


async def test_when_the_owner_leaves_their_agents_leave_too(command_service: CommandService) -> None:
    ada, eve = await command_service.register(), await command_service.register()
    adas, eves = (await make(ada)).body, (await make(eve)).body
    token = (await log_in(command_service, adas["key"])).body["access_token"]
    await ada.ask("DELETE", "/v1/me")

    async def has_left() -> bool:
        return told(await command_service.ask("GET", "/v1/me/account", token=token)) == (403, "user-deactivated")

    await eventually(has_left)
    wanted_agents = [{"kind": "agent", "participant_ids": [], "agent_id": each["user_id"]} for each in (adas, eves)]
    assert [(await eve.ask("POST", "/v1/conversations", each)).status for each in wanted_agents] == [422, 201]


async def test_an_agent_that_left_is_let_in_no_more(command_service: CommandService) -> None:
    ada = await command_service.register()
    made = (await make(ada)).body
    token = (await log_in(command_service, made["key"])).body["access_token"]
    assert (await command_service.ask("DELETE", "/v1/me", token=token)).status == 200
    assert told(await log_in(command_service, made["key"])) == (401, "agent-key-invalid")
    assert told(await ada.ask("POST", f"/v1/agents/{made['user_id']}/key")) == (404, "no-such-agent")
    assert told(await command_service.ask("GET", "/v1/me/account", token=token)) == (403, "user-deactivated")


# What agents do


async def test_what_an_agent_sends_has_the_role_of_an_assistant(
    command_service: CommandService, query_service: QueryService
) -> None:
    ada = await command_service.register()
    robot = await ada.make_agent()
    talk = await started(ada, {"kind": "agent", "agent_id": robot.user_id})

    await say(ada, talk, "Hello?")
    last = await say(robot, talk, "Hello. How may I help?")

    page = await query_service.get(f"{talk}/messages", by=ada.user_id, min_position=last.body["position"])
    assert [(each["sender_id"], each["role"]) for each in page.body["items"]] == [
        (robot.user_id, "assistant"),
        (ada.user_id, "user"),
    ]
    people = await query_service.get(f"{talk}/participants", by=robot.user_id)
    assert {(each["user_id"], each["role"]) for each in people.body["items"]} == {
        (ada.user_id, "owner"),
        (robot.user_id, "member"),
    }


async def test_another_agent_is_assigned_and_joins_and_a_message_names_the_one_it_is_for(
    command_service: CommandService, query_service: QueryService
) -> None:
    ada = await command_service.register()
    first, second = await ada.make_agent(), await ada.make_agent()
    talk = await started(ada, {"kind": "agent", "title": "t" * 200, "agent_id": first.user_id})

    assigned = await ada.ask("PATCH", talk, {"agent_id": second.user_id})
    sent = await say(ada, talk, "x" * 100_000, agent_id=second.user_id)

    assert (assigned.status, sent.status) == (200, 201)
    look = await query_service.get(talk, by=second.user_id, min_position=sent.body["position"])
    assert (look.body["agent_id"], look.body["title"], look.body["participant_count"]) == (
        second.user_id,
        "t" * 200,
        3,
    )
    (message,) = (await query_service.get(f"{talk}/messages", by=second.user_id)).body["items"]
    assert (message["agent_id"], message["role"], len(message["content"])) == (second.user_id, "user", 100_000)
    taken = await ada.ask("PATCH", talk, {"agent_id": None})
    look = await query_service.get(talk, by=ada.user_id, min_position=taken.body["position"])
    assert look.body["agent_id"] is None


async def test_an_agent_changes_nothing_of_a_conversation_that_it_does_not_own(command_service: CommandService) -> None:
    ada = await command_service.register()
    robot = await ada.make_agent()
    talk = await started(ada, {"kind": "agent", "agent_id": robot.user_id})
    own = await started(robot, {"kind": "agent", "participant_ids": [ada.user_id]})
    assert told(await robot.ask("PATCH", talk, {"title": "Mine"})) == (403, "only-owner-or-admin")
    assert (await robot.ask("PATCH", own, {"title": "Mine"})).status == 200


async def test_only_an_agent_can_be_named_as_one(command_service: CommandService) -> None:
    ada, ben = await command_service.register(), await command_service.register()
    robot = await ada.make_agent()
    talk = await started(ada, {"kind": "agent", "agent_id": robot.user_id})
    group = await a_group(ada, ben)
    said = {"client_message_id": str(uuid4()), "content_type": "text", "content": "Hi", "agent_id": ben.user_id}
    for answer in (
        await ada.ask("POST", "/v1/conversations", {"kind": "agent", "agent_id": ben.user_id}),
        await ada.ask("PATCH", talk, {"agent_id": ben.user_id}),
        await ada.ask("PATCH", group, {"agent_id": ben.user_id}),
        await ada.ask("POST", f"{talk}/messages", said),
    ):
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/agent_id")
        assert ben.user_id in answer.body["detail"]


async def test_only_a_token_of_an_agent_says_that_it_is_one(command_service: CommandService) -> None:
    ada = await command_service.register()
    robot = await ada.make_agent()
    claims = [jwt.decode(each.token, options={"verify_signature": False}) for each in (ada, robot)]
    assert ["agent" in each for each in claims] == [False, True]


async def test_agents_are_listed_for_their_owner(command_service: CommandService, query_service: QueryService) -> None:
    ada = await command_service.register()
    body = wanted()
    made = (await make(ada, body)).body
    found = await query_service.get("/v1/agents", by=ada.user_id, min_position=made["position"])
    assert [(each["user_id"], each["username"], each["kind"]) for each in found.body["items"]] == [
        (made["user_id"], body["username"], "agent")
    ]
