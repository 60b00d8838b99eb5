"""Starting and changing conversations over HTTP: what may be sent, and what is answered."""

import asyncio
from typing import Any

import msgspec
import pytest

from services.command.features.conversations.participant_routes import NewParticipant, NewRole
from services.command.features.conversations.routes import ConversationChanges, NewConversation
from shared.identifiers import UserId, derived_id, direct_conversation_id
from tests.conversations.talking import a_group, but_for_the_request, people, pointers_of, read, told
from tests.fixtures.command_service import CommandService

ONE, TWO = derived_id("spec", "one"), derived_id("spec", "two")
MANY = [derived_id("crowd", str(number)) for number in range(101)]


# What may be sent


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "direct", "participant_ids": [ONE]},
        {"kind": "direct", "participant_ids": [ONE, ONE]},
        {"kind": "group", "participant_ids": [ONE], "title": "t"},
        {"kind": "group", "participant_ids": MANY[:100], "title": "t" * 100},
        {"kind": "agent"},
        {"kind": "agent", "title": "t" * 200, "agent_id": ONE, "workspace_id": TWO},
        {"kind": "group", "participant_ids": [ONE], "title": "t", "avatar_url": "https://x/" + "p" * 490},
    ],
)
def test_a_conversation_at_its_limits_is_read(body: dict[str, Any]) -> None:
    read(NewConversation, body)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/kind"]),
        ({"kind": "channel", "participant_ids": [ONE]}, ["/kind"]),
        ({"kind": "direct"}, ["/participant_ids"]),
        ({"kind": "direct", "participant_ids": []}, ["/participant_ids"]),
        ({"kind": "direct", "participant_ids": [ONE, TWO]}, ["/participant_ids"]),
        ({"kind": "group", "title": "t"}, ["/participant_ids"]),
        ({"kind": "group", "title": "t", "participant_ids": MANY}, ["/participant_ids"]),
        ({"kind": "group", "title": "t", "participant_ids": ["me"]}, ["/participant_ids/0"]),
        ({"kind": "agent", "title": "t" * 201}, ["/title"]),
        ({"kind": "agent", "title": ""}, ["/title"]),
        ({"kind": "agent", "title": "\u00a0"}, ["/title"]),
        ({"kind": "agent", "agent_id": "robot"}, ["/agent_id"]),
        ({"kind": "agent", "workspace_id": "acme"}, ["/workspace_id"]),
        ({"kind": "agent", "avatar_url": "http://x/p"}, ["/avatar_url"]),
        ({"kind": "agent", "avatar_url": "https://x/" + "p" * 491}, ["/avatar_url"]),
        ({"kind": "agent", "owner": ONE}, ["/owner"]),
    ],
)
def test_what_no_conversation_can_be_is_refused_by_its_place(body: dict[str, Any], pointers: list[str]) -> None:
    assert pointers_of(NewConversation, body) == pointers


@pytest.mark.parametrize("body", [{"title": "t" * 201}, {"title": " "}, {"title": 1}])
def test_a_new_title_has_a_titles_limits(body: dict[str, Any]) -> None:
    assert pointers_of(ConversationChanges, body) == ["/title"]


def test_nobody_is_added_as_owner() -> None:
    assert pointers_of(NewParticipant, {"user_id": ONE, "role": "owner"}) == ["/role"]


def test_there_are_three_roles() -> None:
    for role in ("owner", "admin", "member"):
        read(NewRole, {"role": role})
    assert pointers_of(NewRole, {"role": "guest"}) == ["/role"]


# What is answered


async def test_a_group_is_started_once_for_a_key_however_often_it_is_asked(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    body = {"kind": "group", "title": "Crew", "participant_ids": [ben.user_id]}
    answers = await asyncio.gather(*(ann.ask("POST", "/v1/conversations", body, key="crew") for _ in range(20)))
    assert sorted(each.status for each in answers) == [200] * 19 + [201]
    assert len({msgspec.json.encode(each.body) for each in answers}) == 1
    assert set(answers[0].body) == {"command_id", "position", "conversation_id"}
    other = await ann.ask("POST", "/v1/conversations", {**body, "title": "Shore"}, key="crew")
    assert told(other) == (422, "key-used-for-other-content")
    bens = await ben.ask("POST", "/v1/conversations", {**body, "participant_ids": [ann.user_id]}, key="crew")
    assert bens.status == 201
    assert bens.body["conversation_id"] != answers[0].body["conversation_id"]


async def test_a_pair_has_one_direct_conversation_whoever_starts_it(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    first = await ann.ask("POST", "/v1/conversations", {"kind": "direct", "participant_ids": [ben.user_id.upper()]})
    again = await ann.ask("POST", "/v1/conversations", {"kind": "direct", "participant_ids": [ben.user_id]})
    other = await ben.ask("POST", "/v1/conversations", {"kind": "direct", "participant_ids": [ann.user_id]})
    assert (first.status, again.status, other.status) == (201, 200, 200)
    the_one = direct_conversation_id(UserId(ann.user_id), UserId(ben.user_id))
    assert [each.body["conversation_id"] for each in (first, again, other)] == [the_one] * 3
    path = f"/v1/conversations/{the_one}"
    assert told(await ann.ask("PATCH", path, {"title": "Us"})) == (409, "direct-conversation-is-fixed")
    assert told(await ann.ask("DELETE", f"{path}/participants/{ann.user_id}")) == (409, "direct-conversation-is-fixed")
    alone = await ann.ask("POST", "/v1/conversations", {"kind": "direct", "participant_ids": [ann.user_id]})
    assert told(alone) == (422, "direct-with-oneself")
    assert alone.body["errors"][0]["pointer"] == "/participant_ids"


async def test_unknown_people_are_named_and_nothing_is_started(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    body = {"kind": "group", "title": "Crew", "participant_ids": [ben.user_id, ONE]}
    answer = await ann.ask("POST", "/v1/conversations", body, key="crew")
    assert told(answer) == (422, "people-are-unknown")
    assert answer.body["errors"][0]["pointer"] == "/participant_ids"
    assert ONE in answer.body["errors"][0]["message"]
    assert ben.user_id not in answer.body["errors"][0]["message"]
    corrected = await ann.ask("POST", "/v1/conversations", {**body, "participant_ids": [ben.user_id]}, key="crew")
    assert corrected.status == 201
    agent = await ann.ask("POST", "/v1/conversations", {"kind": "agent", "agent_id": ONE})
    assert (agent.status, agent.body["errors"][0]["pointer"]) == (422, "/agent_id")


async def test_people_come_and_go_and_change_their_roles(command_service: CommandService) -> None:
    ann, ben, cy = await people(command_service, 3)
    group = await a_group(ann, ben)
    added = await ann.ask("POST", f"{group}/participants", {"user_id": cy.user_id})
    assert (added.status, set(added.body)) == (201, {"command_id", "position"})
    assert (await ann.ask("POST", f"{group}/participants", {"user_id": cy.user_id})).status == 200
    unknown = await ann.ask("POST", f"{group}/participants", {"user_id": ONE})
    assert (unknown.status, unknown.body["errors"][0]["pointer"]) == (422, "/user_id")
    forbidden = await ben.ask("DELETE", f"{group}/participants/{cy.user_id}")
    assert told(forbidden) == (403, "only-owner-or-admin")
    assert (await ann.ask("PATCH", f"{group}/participants/{ben.user_id}", {"role": "admin"})).status == 200
    assert (await ben.ask("DELETE", f"{group}/participants/{cy.user_id}")).status == 200
    assert told(await cy.ask("DELETE", f"{group}/participants/{cy.user_id}")) == (404, "not-found")
    assert (await ann.ask("PATCH", f"{group}/participants/{ben.user_id}", {"role": "owner"})).status == 200
    assert told(await ann.ask("PATCH", f"{group}/participants/{ann.user_id}", {"role": "owner"})) == (403, "only-owner")
    assert (await ben.ask("DELETE", f"{group}/participants/{ben.user_id}")).status == 200
    assert (await ann.ask("PATCH", group, {"title": "Mine again"})).status == 200
    assert (await ann.ask("DELETE", f"{group}/participants/{ann.user_id}")).status == 200
    assert told(await ann.ask("PATCH", group, {"title": "Gone"})) == (404, "not-found")


async def test_leaving_again_with_the_same_key_is_answered_as_before(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    first = await ben.ask("DELETE", f"{group}/participants/{ben.user_id}", key="bye")
    again = await ben.ask("DELETE", f"{group}/participants/{ben.user_id}", key="bye")
    assert (first.status, again.status) == (200, 200)
    assert first.body == again.body


async def test_what_is_not_named_stays_and_null_takes_away(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    robot = await ann.make_agent()
    assert (await ann.ask("PATCH", group, {"avatar_url": "https://example.org/p"})).status == 200
    untitled = await ann.ask("PATCH", group, {"title": None, "avatar_url": None})
    assert told(untitled) == (422, "title-is-missing")
    assert untitled.body["errors"][0]["pointer"] == "/title"
    assert (await ann.ask("PATCH", group, {"title": "t" * 101})).body["code"] == "title-is-too-long"
    assert (await ann.ask("PATCH", group, {"title": "t" * 100, "agent_id": robot.user_id})).status == 200
    assert (await ann.ask("PATCH", group, {"agent_id": ONE})).body["errors"][0]["pointer"] == "/agent_id"
    assert told(await ben.ask("PATCH", group, {"title": "Mine"})) == (403, "only-owner-or-admin")
    assert (await ann.ask("PATCH", group, {})).status == 200


async def test_a_stranger_cannot_tell_a_conversation_from_none(command_service: CommandService) -> None:
    ann, ben, eve = await people(command_service, 3)
    group, none = await a_group(ann, ben), f"/v1/conversations/{TWO}"
    asked: list[tuple[str, str, Any]] = [
        ("PATCH", "", {"title": "Mine"}),
        ("POST", "/participants", {"user_id": eve.user_id}),
        ("DELETE", f"/participants/{ben.user_id}", None),
        ("PATCH", f"/participants/{ben.user_id}", {"role": "member"}),
        ("PUT", "/pin", None),
        ("DELETE", "/pin", None),
        ("PUT", "/archive", None),
        ("DELETE", "/archive", None),
        ("POST", "/clear", None),
        ("DELETE", "", None),
    ]
    for method, path, body in asked:
        there = await eve.ask(method, group + path, body)
        nowhere = await eve.ask(method, none + path, body)
        assert (there.status, but_for_the_request(there)) == (404, but_for_the_request(nowhere))
        unread = await eve.ask(method, f"/v1/conversations/mine{path}", body)
        assert but_for_the_request(unread) == but_for_the_request(nowhere)
