"""The people of a run and their rooms, made through the front door."""

import asyncio
from uuid import uuid4

import aiohttp

from tests.blackbox.history import Member
from tests.blackbox.people import OwnedAgent, Town

PASSWORD = "Correct1horse"
ROOMS_AT_ONCE = 4
ROOMS_FOR_ONE_WHO_LEAVES = 2
ROOMS_FOR_AN_AGENT = 4


async def town_of(url: str, rooms: int, members: int) -> Town:
    """People who have registered, so many in each of so many groups, with a first message in each.

    Some rooms have one more, who will leave for good; some of those who lead have an agent.
    """
    few = asyncio.Semaphore(ROOMS_AT_ONCE)

    async def room_of(session: aiohttp.ClientSession, number: int) -> list[Member]:
        async with few:
            return await _room(session, url, number, members + _one_leaves(number))

    async with aiohttp.ClientSession() as session:
        made = await asyncio.gather(*(room_of(session, number) for number in range(rooms)))
        owners = [room[0] for room in made[::ROOMS_FOR_AN_AGENT]]
        agents = await asyncio.gather(*(_agent(session, url, owner, at) for at, owner in enumerate(owners)))
    staying = [each for room in made for each in room[:members]]
    leaving = [each for room in made for each in room[members:]]
    return Town(staying, leaving, agents)


def _one_leaves(room: int) -> int:
    return 1 if room % ROOMS_FOR_ONE_WHO_LEAVES == 0 else 0


async def _room(session: aiohttp.ClientSession, url: str, room: int, members: int) -> list[Member]:
    people = await asyncio.gather(*(_register(session, url, f"room{room}_{number}") for number in range(members)))
    token, others = people[0][1], [user for user, _ in people[1:]]
    group = {"kind": "group", "title": f"Room {room}", "participant_ids": others}
    started = await _post(session, f"{url}/v1/conversations", group, token)
    conversation = started["conversation_id"]
    first = {"client_message_id": str(uuid4()), "content": "first"}
    message = await _post(session, f"{url}/v1/conversations/{conversation}/messages", first, token)
    return [
        Member(user, its_token, conversation, message["message_id"], leads=its_token == token)
        for user, its_token in people
    ]


async def _register(session: aiohttp.ClientSession, url: str, name: str) -> tuple[str, str]:
    wanted = {"email": f"{name}@example.com", "username": name, "password": PASSWORD, "display_name": name}
    answer = await _post(session, f"{url}/v1/auth/register", wanted)
    return answer["user_id"], answer["access_token"]


async def _agent(session: aiohttp.ClientSession, url: str, owner: Member, number: int) -> OwnedAgent:
    wanted = {"username": f"agent_{number}", "display_name": f"Agent {number}"}
    made = await _post(session, f"{url}/v1/agents", wanted, owner.token)
    signed_in = await _post(session, f"{url}/v1/auth/agent", {"key": made["key"]})
    first = owner.first_message
    agent = Member(made["user_id"], signed_in["access_token"], first.conversation_id, first.message_id)
    return OwnedAgent(owner, agent)


async def _post(session: aiohttp.ClientSession, url: str, body: object, token: str = "") -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(url, json=body, headers=headers) as response:
        assert response.status in (200, 201), await response.text()
        answer: dict[str, str] = await response.json()
        return answer
