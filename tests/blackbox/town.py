"""The people of a run and their rooms, made through the front door."""

import asyncio
from uuid import uuid4

import aiohttp

from tests.blackbox.history import Member

PASSWORD = "Correct1horse"
ROOMS_AT_ONCE = 4


async def members_of(url: str, rooms: int, members: int) -> list[Member]:
    """People who have registered, so many in each of so many groups, with a first message in each."""
    few = asyncio.Semaphore(ROOMS_AT_ONCE)

    async def room_of(session: aiohttp.ClientSession, number: int) -> list[Member]:
        async with few:
            return await _room(session, url, number, members)

    async with aiohttp.ClientSession() as session:
        made = await asyncio.gather(*(room_of(session, number) for number in range(rooms)))
    return [each for room in made for each in room]


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


async def _post(session: aiohttp.ClientSession, url: str, body: object, token: str = "") -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(url, json=body, headers=headers) as response:
        assert response.status in (200, 201), await response.text()
        answer: dict[str, str] = await response.json()
        return answer
