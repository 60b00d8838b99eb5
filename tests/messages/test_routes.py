"""Saying things over HTTP: what may be sent, and what is answered."""

import asyncio
from typing import Any

import msgspec
import pytest

from services.command.features.messages.reacting_routes import NewReaction
from services.command.features.messages.routes import NewMessage, NewText, UpTo
from shared.identifiers import derived_id
from tests.conversations.talking import a_group, but_for_the_request, people, pointers_of, read, say, started, told
from tests.fixtures.command_service import CommandService

ONE = derived_id("spec", "one")


# What may be sent


@pytest.mark.parametrize("content", ["x", "x" * 100_000, "\U0001f642" * 100_000, " \u202eabc\u200d\n"])
def test_a_message_at_its_limits_is_read_as_it_came(content: str) -> None:
    message = read(NewMessage, {"client_message_id": ONE, "content": content})
    assert isinstance(message, NewMessage)
    assert message.content == content


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"content": "x" * 100_001}, "/content"),
        ({"content": 1}, "/content"),
        ({"shared_post_id": "1"}, "/shared_post_id"),
        ({"attachments": None}, "/attachments"),
        ({"content_type": "poem"}, "/content_type"),
        ({"client_message_id": "1"}, "/client_message_id"),
        ({"client_message_id": None}, "/client_message_id"),
        ({"reply_to_id": "1"}, "/reply_to_id"),
        ({"agent_id": "1"}, "/agent_id"),
        ({"role": "system"}, "/role"),
        ({"occurred_at": "2020-01-01T00:00:00Z"}, "/occurred_at"),
    ],
)
def test_what_no_message_can_be_is_refused_by_its_place(change: dict[str, Any], pointer: str) -> None:
    assert pointers_of(NewMessage, {"client_message_id": ONE, "content": "x", **change}) == [pointer]


def test_a_new_text_has_a_messages_limits() -> None:
    read(NewText, {"content": "x" * 100_000})
    assert pointers_of(NewText, {"content": "x" * 100_001}) == ["/content"]
    assert pointers_of(NewText, {}) == ["/content"]


@pytest.mark.parametrize("kind", ["Like", "dislike", "", "\U0001f44d", None, 1])
def test_there_are_no_other_ways_to_react(kind: object) -> None:
    assert pointers_of(NewReaction, {"kind": kind}) == ["/kind"]


@pytest.mark.parametrize("seq", [-1, "1", 1.5, True, None])
def test_a_marker_is_a_whole_number_from_nought_on(seq: object) -> None:
    assert pointers_of(UpTo, {"seq": seq}) == ["/seq"]


# What is answered


async def test_a_message_is_sent_once_however_often_it_is_asked(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    answers = await asyncio.gather(*(say(ann, group, "Hello", key=ONE) for _ in range(50)))
    assert sorted(each.status for each in answers) == [200] * 49 + [201]
    assert len({msgspec.json.encode(each.body) for each in answers}) == 1
    body = answers[0].body
    assert set(body) == {"command_id", "position", "message_id", "seq"}
    assert (body["seq"], body["message_id"]) == (1, body["command_id"])
    assert told(await say(ann, group, "Goodbye", key=ONE)) == (422, "key-used-for-other-content")
    bens = await say(ben, group, "Hello", key=ONE)
    assert (bens.status, bens.body["seq"]) == (201, 2)


async def test_messages_sent_at_once_are_numbered_without_a_gap(command_service: CommandService) -> None:
    crew = await people(command_service, 3)
    group = await a_group(*crew)
    answers = await asyncio.gather(*(say(crew[n % 3], group, f"Message {n}") for n in range(60)))
    assert sorted(each.body["seq"] for each in answers) == list(range(1, 61))


async def test_notices_take_a_number_too(command_service: CommandService) -> None:
    ann, ben, cy = await people(command_service, 3)
    group = await a_group(ann, ben)
    assert (await say(ann, group, "Hello")).body["seq"] == 1
    await ann.ask("POST", f"{group}/participants", {"user_id": cy.user_id})
    await ann.ask("PATCH", group, {"title": "Shore"})
    assert (await say(cy, group, "Hello")).body["seq"] == 4


async def test_a_reply_is_to_a_message_of_the_same_conversation(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    here, there = await a_group(ann, ben), await a_group(ann, ben)
    first = (await say(ann, here, "Hello")).body["message_id"]
    assert (await say(ben, here, "Yes?", reply_to_id=first)).status == 201
    elsewhere = await say(ben, there, "Yes?", reply_to_id=first)
    assert told(elsewhere) == (422, "replied-to-is-missing")
    assert elsewhere.body["errors"][0]["pointer"] == "/reply_to_id"


async def test_how_long_a_message_may_be_goes_by_the_conversation(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    agents = await started(ann, {"kind": "agent"})
    assert (await say(ann, group, "x" * 4_000)).status == 201
    too_long = await say(ann, group, "x" * 4_001)
    assert told(too_long) == (422, "text-is-too-long")
    assert too_long.body["errors"][0]["pointer"] == "/content"
    assert (await say(ann, agents, "x" * 100_000)).status == 201
    assert told(await say(ann, agents, "x" * 100_001)) == (422, "invalid-content")


@pytest.mark.parametrize("character", ["\x01", "\U0001f642"])
async def test_the_longest_message_is_taken_whatever_it_is_made_of(
    command_service: CommandService, character: str
) -> None:
    (ann,) = await people(command_service, 1)
    agents = await started(ann, {"kind": "agent"})
    new = msgspec.json.encode({"client_message_id": ONE, "content": character * 100_000})
    sent = await ann.ask("POST", f"{agents}/messages", raw=new)
    assert sent.status == 201
    edit = msgspec.json.encode({"content": character * 99_999})
    assert (await ann.ask("PATCH", f"{agents}/messages/{sent.body['message_id']}", raw=edit)).status == 200


async def test_a_message_is_edited_by_its_sender_and_unsent_by_its_sender_or_a_leader(
    command_service: CommandService,
) -> None:
    ann, ben, cy = await people(command_service, 3)
    group = await a_group(ann, ben, cy)
    message = f"{group}/messages/{(await say(ben, group, 'Helo')).body['message_id']}"
    edited = await ben.ask("PATCH", message, {"content": "Hello"})
    assert (edited.status, set(edited.body)) == (200, {"command_id", "position"})
    unchanged = await ben.ask("PATCH", message, {"content": "Hello"})
    assert (unchanged.status, unchanged.body["position"]) == (200, edited.body["position"])
    assert told(await ann.ask("PATCH", message, {"content": "Mine"})) == (403, "only-sender")
    assert told(await ben.ask("PATCH", message, {"content": "x" * 4_001})) == (422, "text-is-too-long")
    assert told(await cy.ask("POST", f"{message}/unsend")) == (403, "only-sender-or-leaders")
    assert (await ann.ask("POST", f"{message}/unsend")).status == 200
    assert (await ben.ask("POST", f"{message}/unsend")).status == 200
    assert told(await ben.ask("PATCH", message, {"content": "Again"})) == (409, "message-is-unsent")
    assert told(await ben.ask("PATCH", f"{group}/messages/{ONE}", {"content": "x"})) == (404, "no-such-message")


async def test_a_reaction_is_set_once_replaced_and_taken_back(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    message = f"{group}/messages/{(await say(ben, group, 'Hello')).body['message_id']}"
    liked = await ann.ask("PUT", f"{message}/reaction", {"kind": "like"})
    assert (liked.status, set(liked.body)) == (200, {"command_id", "position"})
    again = await ann.ask("PUT", f"{message}/reaction", {"kind": "like"})
    assert (again.status, again.body["position"]) == (200, liked.body["position"])
    loved = await ann.ask("PUT", f"{message}/reaction", {"kind": "love"})
    taken_back = await ann.ask("DELETE", f"{message}/reaction")
    nothing_there = await ann.ask("DELETE", f"{message}/reaction")
    assert [each.status for each in (loved, taken_back, nothing_there)] == [200, 200, 200]
    assert len({each.body["position"] for each in (liked, loved, taken_back, nothing_there)}) == 3
    await ben.ask("POST", f"{message}/unsend")
    for method, body in (("PUT", {"kind": "like"}), ("DELETE", None)):
        assert told(await ann.ask(method, f"{message}/reaction", body)) == (409, "message-is-unsent")
    missing = await ann.ask("PUT", f"{group}/messages/{ONE}/reaction", {"kind": "like"})
    assert told(missing) == (404, "no-such-message")


async def test_markers_only_move_forward_and_not_past_the_last_message(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    for n in range(3):
        await say(ann, group, f"Message {n}")
    delivered = await ben.ask("POST", f"{group}/delivered", {"seq": 2})
    assert (delivered.status, delivered.body["delivered_seq"]) == (200, 2)
    assert (await ben.ask("POST", f"{group}/read", {"seq": 3})).body["read_seq"] == 3
    assert (await ben.ask("POST", f"{group}/read", {"seq": 1})).body["read_seq"] == 3
    assert (await ben.ask("POST", f"{group}/delivered", {"seq": 2})).body["delivered_seq"] == 3
    beyond = await ben.ask("POST", f"{group}/read", {"seq": 4})
    assert told(beyond) == (422, "beyond-last-message")
    assert beyond.body["errors"][0]["pointer"] == "/seq"


async def test_a_stranger_cannot_tell_a_conversation_from_none(command_service: CommandService) -> None:
    ann, ben, eve = await people(command_service, 3)
    group, none = await a_group(ann, ben, eve), f"/v1/conversations/{ONE}"
    message_id = (await say(eve, group, "Bye")).body["message_id"]
    assert (await eve.ask("DELETE", f"{group}/participants/{eve.user_id}")).status == 200
    asked: list[tuple[str, str, Any]] = [
        ("POST", "/messages", {"client_message_id": ONE, "content": "Hello"}),
        ("PATCH", f"/messages/{message_id}", {"content": "Mine"}),
        ("POST", f"/messages/{message_id}/unsend", None),
        ("PUT", f"/messages/{message_id}/reaction", {"kind": "like"}),
        ("DELETE", f"/messages/{message_id}/reaction", None),
        ("POST", "/delivered", {"seq": 1}),
        ("POST", "/read", {"seq": 99}),
    ]
    for method, path, body in asked:
        there, nowhere = await eve.ask(method, group + path, body), await eve.ask(method, none + path, body)
        assert (there.status, but_for_the_request(there)) == (404, but_for_the_request(nowhere))
