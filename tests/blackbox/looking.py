"""Readers who look at conversations again and again, and want to see what was answered as accepted."""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.blackbox.history import Look, Member
from tests.blackbox.load import REQUEST_SECONDS, Load

PAUSE_SECONDS = (0.02, 0.2)
SHOWN = 10


@dataclass(slots=True)
class Readers:
    """Each looks at one conversation after the other, at one of the URLs, half of the time with a `Min-Position`."""

    load: Load
    urls: list[str]

    async def run(self, readers: int) -> None:
        """Looks until it is cancelled."""
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await asyncio.gather(*(self._reader(session, number) for number in range(readers)))

    async def _reader(self, session: aiohttp.ClientSession, number: int) -> None:
        chance = random.Random(f"{self.load.seed} {number} looks")
        while True:
            member, url = chance.choice(self.load.members), chance.choice(self.urls)
            seq, position = self.load.newest.get(member.conversation_id, (0, ""))
            if chance.random() < 0.5:
                seq, position = 0, ""
            self.load.history.looks.append(await _look(session, number, member, url, seq, position))
            await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))


async def _look(
    session: aiohttp.ClientSession, number: int, member: Member, url: str, least: int, position: str
) -> Look:
    path = f"{url}/v1/conversations/{member.conversation_id}/messages?limit={SHOWN}"
    headers = {"Authorization": f"Bearer {member.token}"} | ({"Min-Position": position} if position else {})
    invoked = time.monotonic()
    status, answer = 0, dict[str, Any]()
    try:
        async with session.get(path, headers=headers) as response:
            status, answer = response.status, await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, OSError):
        status = 0
    items = answer.get("items", []) if status == 200 else []
    shown = tuple((each["seq"], each["message_id"], each["content"]) for each in items)
    return Look(number, url, member.conversation_id, least, invoked, time.monotonic(), status, shown)
