"""How specs of routes read bodies, start conversations and talk in them."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from shared.web.bodies import parse_body
from shared.web.fields import Sent
from shared.web.problems import InvalidContent
from tests.fixtures.command_service import Answer, CommandService, Person


def read(model: type[Sent], body: Mapping[str, Any]) -> Sent:
    """What the edge makes of this body. Raises InvalidContent."""
    return parse_body(msgspec.json.encode(body), model)


def pointers_of(model: type[Sent], body: Mapping[str, Any]) -> list[str]:
    """Where this body is wrong."""
    with pytest.raises(InvalidContent) as caught:
        read(model, body)
    return [error.pointer for error in caught.value.errors]


async def people(service: CommandService, count: int) -> list[Person]:
    """So many people who have registered."""
    return [await service.register() for _ in range(count)]


def told(answer: Answer) -> tuple[int, str]:
    """The status and, of a problem, the code."""
    return answer.status, answer.body.get("code", "")


def but_for_the_request(answer: Answer) -> dict[str, Any]:
    """The whole answer without what differs from request to request."""
    return {name: value for name, value in answer.body.items() if name != "request_id"}


async def a_group(owner: Person, *others: Person) -> str:
    """The path of a group that has just been started."""
    body = {"kind": "group", "title": "Crew", "participant_ids": [each.user_id for each in others]}
    return await started(owner, body)


async def started(owner: Person, body: dict[str, Any]) -> str:
    """The path of a conversation that has just been started."""
    answer = await owner.ask("POST", "/v1/conversations", body)
    assert answer.status == 201, answer
    conversation_id: str = answer.body["conversation_id"]
    return f"/v1/conversations/{conversation_id}"


async def say(person: Person, where: str, content: str, *, key: str | None = None, **more: Any) -> Answer:
    """Sends a message, under a key of its own where none is given."""
    body = {"client_message_id": key or str(uuid4()), "content_type": "text", "content": content, **more}
    return await person.ask("POST", f"{where}/messages", body)
