"""A world that generated requests can hit: ids, tokens and texts that are real, for each parameter that wants one.

What can be done once only, as deleting, has things of its own to do it to, so that everything else finds what it wants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.contract.town import Person, Town

Value = str | int
Values = Mapping[str, Sequence[Value]]
OFTEN = 0.85
"""How often a real value is taken; else a generated one."""
DISPOSABLE = 6
NEW_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Feed:
    """Real values by parameter (`path.…`, `query.…`, `body.…`): for every operation, and for some by their names.

    `leaver` asks to leave for good; `by_operation` goes before `everywhere`. `bodies`: whole ones.
    """

    me: Person
    leaver: Person
    everywhere: Values
    by_operation: Mapping[str, Values]
    bodies: Mapping[str, Sequence[Any]]

    def values_of(self, operation: str, parameter: str) -> Sequence[Value]:
        """The real values of this parameter of this operation, if there are any."""
        return self.by_operation.get(operation, {}).get(parameter) or self.everywhere.get(parameter, ())


async def feed_of(town: Town) -> Feed:
    """Makes the world through the front door."""
    me, leaver = await town.join("Fay"), await town.join("Lev")
    people = [await town.join(f"Person {number}") for number in range(5)]
    ids = [each.user_id for each in people]
    agents = [await _agent(town, me) for _ in range(3)]
    room = await _group(town, me, ids)
    agent_room = await _start(town, me, {"kind": "agent", "agent_id": agents[0]["user_id"]})
    messages = [(await town.say(me, room))["message_id"] for _ in range(3)]
    unsent = [(await town.say(me, room))["message_id"] for _ in range(DISPOSABLE)]
    by_other = [(await town.say(people[0], room))["message_id"]]
    file_id = await town.upload(me)
    await town.show(me, room, file_id)
    kept = await _keep(town, me, by_other[0], room)
    last = await town.do(me, "PUT", "/v1/me/dnd", {"enabled": True})
    tokens = [await _signed_in(town, each) for each in people[:4] for _ in range(2)]
    await town.until_seen(me, f"{last['position']},{kept['position']}")
    everywhere: dict[str, Sequence[Value]] = {
        "path.conversation_id": [room],
        "query.conversation_id": [room],
        "body.conversation_id": [room],
        "path.message_id": messages,
        "path.type": ["message"],
        "path.target_id": messages,
        "body.type": ["message"],
        "body.target_id": messages,
        "body.reply_to_id": messages,
        "path.user_id": ids,
        "query.ids": [",".join(ids), *messages],
        "query.from": [me.user_id],
        "body.agent_id": [agents[0]["user_id"]],
        "body.participant_ids[*]": ids,
        "path.file_id": [file_id],
        "path.bookmark_id": [kept["bookmark_id"]],
        "path.agent_id": [agents[1]["user_id"]],
        "path.stream_id": [me.user_id],
        "path.command_id": [kept["command_id"]],
        "body.seq": [1, 2, 3],
        "header.Min-Position": [kept["position"], f"{kept['position']},{last['position']}"],
    }
    conversation = "/v1/conversations/{conversation_id}"
    by_operation: dict[str, Values] = {
        f"DELETE {conversation}": {
            "path.conversation_id": [await _group(town, me, ids[:1]) for _ in range(DISPOSABLE)]
        },
        f"POST {conversation}/clear": {"path.conversation_id": [await _group(town, me, ids[:1])]},
        f"POST {conversation}/messages": {"path.conversation_id": [room, agent_room]},
        f"PATCH {conversation}/messages/{{message_id}}": {"body.content": ["Good morning", "Добрый день"]},
        f"POST {conversation}/participants": {
            "path.conversation_id": [await _group(town, me, ids[:1])],
            "body.user_id": ids,
        },
        f"DELETE {conversation}/participants/{{user_id}}": {"path.conversation_id": [await _group(town, me, ids)]},
        f"PATCH {conversation}/participants/{{user_id}}": {"path.conversation_id": [await _group(town, me, ids)]},
        f"POST {conversation}/messages/{{message_id}}/unsend": {"path.message_id": unsent},
        f"PUT {conversation}/messages/{{message_id}}/reaction": {"path.message_id": by_other},
        f"DELETE {conversation}/messages/{{message_id}}/reaction": {"path.message_id": by_other},
        "POST /v1/message-requests/{conversation_id}/accept": {
            "path.conversation_id": [await _request(town, people[0], me)]
        },
        "POST /v1/message-requests/{conversation_id}/decline": {
            "path.conversation_id": [await _request(town, people[1], me)]
        },
        "POST /v1/auth/register": {
            "body.username": [f"fed_{number}" for number in range(NEW_PEOPLE)],
            "body.email": [f"fed{number}@example.org" for number in range(NEW_PEOPLE)],
            "body.password": ["Correct1horse", "9 Ωmegaω"],
        },
        "PUT /v1/me/status": {"body.emoji": ["🍵", "👩‍🚀"], "body.time_zone": ["UTC", "Asia/Kathmandu"]},
        "POST /v1/auth/login": {"body.email": [me.email], "body.password": [me.password]},
        "POST /v1/auth/refresh": {"body.refresh_token": tokens[:6]},
        "POST /v1/auth/logout": {"body.refresh_token": tokens[6:]},
        "POST /v1/auth/agent": {"body.key": [agents[2]["key"]]},
    }
    bodies = {
        # What may not be blank has a pattern: of itself it is not made as long as it may be.
        "PATCH /v1/me": [{"display_name": "é" * 100}],
        f"PATCH {conversation}": [{"title": "é" * 100}],
        f"POST {conversation}/messages": [{"client_message_id": str(uuid4()), "content": "é" * 4_000}],
        "POST /v1/bookmarks/toggle": [{"type": "message", "target_id": messages[0], "conversation_id": room}],
        "PUT /v1/bookmarks/{type}/{target_id}": [{"conversation_id": room, "note": "For later"}],
    }
    return Feed(me, leaver, everywhere, by_operation, bodies)


async def _agent(town: Town, owner: Person) -> Any:
    name = f"agent_{uuid4().hex[:12]}"
    return await town.do(owner, "POST", "/v1/agents", {"username": name, "display_name": name})


async def _start(town: Town, person: Person, wanted: Any) -> str:
    started: str = (await town.do(person, "POST", "/v1/conversations", wanted))["conversation_id"]
    return started


async def _group(town: Town, owner: Person, others: Sequence[str]) -> str:
    return await _start(town, owner, {"kind": "group", "title": "A group", "participant_ids": list(others)})


async def _keep(town: Town, person: Person, message_id: str, conversation_id: str) -> Any:
    kept = {"type": "message", "target_id": message_id, "conversation_id": conversation_id}
    return await town.do(person, "POST", "/v1/bookmarks/toggle", kept)


async def _request(town: Town, requester: Person, recipient: Person) -> str:
    await town.do(recipient, "PUT", "/v1/me/contact-policy", {"policy": "request"})
    direct = await _start(town, requester, {"kind": "direct", "participant_ids": [recipient.user_id]})
    await town.say(requester, direct)
    return direct


async def _signed_in(town: Town, person: Person) -> str:
    tokens = await town.do(None, "POST", "/v1/auth/login", {"email": person.email, "password": person.password})
    token: str = tokens["refresh_token"]
    return token
