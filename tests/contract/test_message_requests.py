"""A message request: its two alone know of it, and whoever made it is not shown what the other one does with it."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.access import Kind, kind_of, toggled
from tests.contract.asking import Asking, all_of, comparable, of_kind, with_newcomer
from tests.contract.operations import Operation
from tests.contract.services import Answer
from tests.contract.town import Crew, Group, Person, Town


async def a_request(town: Town) -> tuple[Person, Person, Group]:
    """Who has made it, who is asked, and the conversation, in which the first has said something."""
    requester, recipient = await town.join("Rita"), await town.join("Ruth")
    await town.do(recipient, "PUT", "/v1/me/contact-policy", {"policy": "request"})
    direct = await town.introduce(requester, recipient)
    await town.until_seen(requester, direct.position)
    return requester, recipient, direct


@pytest.mark.parametrize("answered", ["not yet", "declined"])
async def test_whoever_made_a_message_request_is_shown_nothing_of_what_becomes_of_it(
    answered: str, operations: list[Operation], asking: Asking, town: Town, newcomer: Person
) -> None:
    """All that they can ask is answered as before, to the byte, whatever the other one does."""
    requester, recipient, direct = await a_request(town)
    ids = with_newcomer(direct.ids, newcomer)
    asked = [each for each in of_kind(operations, *Kind) if is_told_of_a_request(each)]
    before = {each.name: shown(await asking.ask(each, requester, ids)) for each in asked}

    last = [await town.do(recipient, *each) for each in what_a_recipient_may_do(direct, answered)]
    await town.until_seen(requester, ",".join(each["position"] for each in last))

    after = {each.name: shown(await asking.ask(each, requester, ids)) for each in asked}
    assert [name for name in before if before[name] != after[name]] == []

    accepted = await town.do(recipient, "POST", f"/v1/message-requests/{ids['conversation_id']}/accept")
    await town.until_seen(requester, accepted["position"])
    now = {each.name: shown(await asking.ask(each, requester, ids)) for each in asked}
    assert len([name for name in before if before[name] != now[name]]) > 3


def shown(answer: Answer) -> tuple[int, bytes]:
    """An answer without when the other one was last seen, which is everybody's to know."""
    return answer.status, re.sub(rb'"last_seen_at":("[^"]*"|null)', b"", answer.body)


def is_told_of_a_request(operation: Operation) -> bool:
    """Whether whoever made it may ask it, and it only tells."""
    names = {*operation.path_parameters} | {*operation.query_parameters}
    kind = kind_of(operation)
    return operation.service == "query" and kind is not Kind.PERSONAL and "file_id" not in names


def what_a_recipient_may_do(direct: Group, answered: str) -> Iterable[tuple[Any, ...]]:
    """Everything that somebody who was asked may do with a request, but accept it."""
    path = f"/v1/conversations/{direct.ids['conversation_id']}"
    yield "POST", f"{path}/delivered", {"seq": 1}
    yield "POST", f"{path}/read", {"seq": 1}
    yield "POST", "/v1/bookmarks/toggle", toggled(direct.ids)
    for what in ("pin", "archive"):
        yield "PUT", f"{path}/{what}"
    if answered == "declined":
        yield "POST", f"/v1/message-requests/{direct.ids['conversation_id']}/decline"
    yield "POST", f"{path}/clear"


async def test_a_message_request_is_there_for_its_two_alone(
    operations: list[Operation], asking: Asking, town: Town, crew: Crew, newcomer: Person
) -> None:
    requester, recipient, direct = await a_request(town)
    ids = with_newcomer(direct.ids, newcomer)

    async def compared(operation: Operation) -> list[str]:
        told = await asking.ask_from_outside(operation, crew.stranger, ids)
        unknown = {**ids, "conversation_id": str(uuid4())}
        other = await asking.ask_from_outside(operation, crew.stranger, unknown)
        return [] if comparable(told) == comparable(other) else [f"{operation.name}: {told}, {other}"]

    assert await all_of(compared(each) for each in of_kind(operations, Kind.CONVERSATION)) == []
    answers = {
        who: await town.services.ask(
            "command", "POST", f"/v1/message-requests/{ids['conversation_id']}/accept", token=t
        )
        for who, t in (("stranger", crew.stranger.token), ("requester", requester.token), ("asked", recipient.token))
    }
    assert {who: each.status for who, each in answers.items()} == {"stranger": 404, "requester": 403, "asked": 200}
