"""Pinning, archiving, clearing and deleting conversations over HTTP."""

import pytest

from tests.conversations.talking import a_group, people, say, started, told
from tests.fixtures.command_service import CommandService


@pytest.mark.parametrize("what", ["pin", "archive"])
async def test_it_is_switched_on_and_off_and_twice_is_as_once(command_service: CommandService, what: str) -> None:
    ann, ben = await people(command_service, 2)
    path = f"{await a_group(ann, ben)}/{what}"
    asked = [await ben.ask(method, path) for method in ("PUT", "PUT", "DELETE", "DELETE")]
    positions = [each.body["position"] for each in asked]
    assert [each.status for each in asked] == [200] * 4
    assert {frozenset(each.body) for each in asked} == {frozenset({"command_id", "position"})}
    assert positions[0] == positions[1] != positions[2] == positions[3]


async def test_a_retry_clears_nothing_that_was_said_since(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    await say(ann, group, "Before")
    first = await ben.ask("POST", f"{group}/clear", key="once")
    newer = await say(ann, group, "After")
    again = await ben.ask("POST", f"{group}/clear", key="once")
    assert (first.status, first.body["cleared_seq"]) == (200, 1)
    assert (again.status, again.body) == (200, first.body)
    keep = {"type": "message", "target_id": newer.body["message_id"], "conversation_id": group.rpartition("/")[2]}
    assert (await ben.ask("POST", "/v1/bookmarks/toggle", keep)).status == 200


async def test_where_there_is_no_more_to_clear_it_is_said_up_to_where(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    assert (await ben.ask("POST", f"{group}/clear")).body["cleared_seq"] == 0
    await say(ann, group, "Hello")
    answers = [await ben.ask("POST", f"{group}/clear") for _ in range(2)]
    assert [(each.status, each.body["cleared_seq"]) for each in answers] == [(200, 1), (200, 1)]


async def test_what_was_cleared_is_not_bookmarked_but_a_bookmark_is_taken_off(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    sent = [(await say(ann, group, content)).body["message_id"] for content in ("kept", "not kept")]
    where = {"conversation_id": group.rpartition("/")[2]}
    assert (await ben.ask("PUT", f"/v1/bookmarks/message/{sent[0]}", where)).status == 200
    await ben.ask("POST", f"{group}/clear")
    refused = await ben.ask("PUT", f"/v1/bookmarks/message/{sent[1]}", where)
    toggled = await ben.ask("POST", "/v1/bookmarks/toggle", {"type": "message", "target_id": sent[0], **where})
    assert told(refused) == (404, "not-found")
    assert (toggled.status, toggled.body["bookmarked"]) == (200, False)
    assert (await ann.ask("PUT", f"/v1/bookmarks/message/{sent[1]}", where)).status == 200


async def test_the_owner_deletes_a_group_and_it_accepts_nothing(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    assert told(await ben.ask("DELETE", group)) == (403, "only-owner")
    first = await ann.ask("DELETE", group, key="gone")
    again = await ann.ask("DELETE", group, key="gone")
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    for who in (ann, ben):
        assert told(await say(who, group, "Hello?")) == (404, "not-found")
        for method, path in (("DELETE", ""), ("PUT", "/pin"), ("POST", "/clear")):
            assert told(await who.ask(method, group + path)) == (404, "not-found")


async def test_a_direct_conversation_is_not_deleted_and_an_agent_conversation_is(
    command_service: CommandService,
) -> None:
    ann, ben = await people(command_service, 2)
    pair = await started(ann, {"kind": "direct", "participant_ids": [ben.user_id]})
    alone = await started(ann, {"kind": "agent"})
    assert told(await ann.ask("DELETE", pair)) == (409, "direct-conversation-is-fixed")
    assert (await ann.ask("DELETE", alone)).status == 200
