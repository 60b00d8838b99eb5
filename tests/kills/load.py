"""Many clients who each ask one thing after the other, and ask again with the same key until it is settled."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

import aiohttp

REQUEST_SECONDS = 12.0
PAUSE_SECONDS = (0.2, 1.0)
REFUSED_SHARE, STATUS_SHARE, BOOKMARK_SHARE = 0.05, 0.2, 0.3
REPEATED_SHARE = 0.1
LOGGED = ("key", "attempt", "url", "invoked", "completed", "outcome", "status")

ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN, UNSENT, BROKEN = (
    "accepted",
    "refused",
    "unavailable",
    "unknown",
    "unsent",
    "broken",
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has registered and is in a conversation that has a message."""

    user_id: str
    token: str
    conversation_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Wish:
    """One command that a client wants, whatever it takes. `route` and `key` make its id, with its stream and actor."""

    kind: str
    stream: str
    actor: str
    method: str
    path: str
    route: str
    key: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Try:
    """One request, as its client saw it. Times are seconds on the monotonic clock."""

    key: str
    attempt: int
    url: str
    invoked: float
    completed: float
    outcome: str
    status: int
    answer: dict[str, Any]

    @property
    def line(self) -> dict[str, Any]:
        """What is written down of it."""
        place = self.answer.get("position") or self.answer.get("code")
        return {name: getattr(self, name) for name in LOGGED} | {"says": place}


@dataclass(slots=True)
class Load:
    """The clients, and a line for each of their requests."""

    members: list[Member]
    log: Path
    urls: list[str]
    wishes: dict[str, Wish] = field(default_factory=dict)
    tries: list[Try] = field(default_factory=list)
    in_flight: int = 0
    stopping: bool = False
    _lines: TextIO = field(init=False)

    async def run(self, clients: int) -> None:
        """Lets so many clients ask until `stop`; returns when each has settled what it asked last."""
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        with self.log.open("w", encoding="utf-8") as self._lines:
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                await asyncio.gather(
                    *(self._client(session, self.members[i % len(self.members)], i) for i in range(clients))
                )

    def stop(self) -> None:
        """Lets no client begin anything new."""
        self.stopping = True

    def outcomes(self) -> Counter[str]:
        """How many requests came to what."""
        return Counter(each.outcome for each in self.tries)

    async def _client(self, session: aiohttp.ClientSession, member: Member, number: int) -> None:
        chance = random.Random(number)
        while not self.stopping:
            wish = wish_of(member, chance)
            self.wishes[wish.key] = wish
            await self._settle(session, member, wish, chance)

    async def _settle(self, session: aiohttp.ClientSession, member: Member, wish: Wish, chance: random.Random) -> None:
        attempt, url = 0, self.urls[0]
        while True:
            attempt += 1
            done = await self._try(session, member, wish, attempt, url)
            if done.outcome == ACCEPTED and chance.random() < REPEATED_SHARE:
                await self._try(session, member, wish, attempt + 1, url)
            if done.outcome in (ACCEPTED, REFUSED, BROKEN):
                return
            await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
            url = chance.choice(self.urls)

    async def _try(self, session: aiohttp.ClientSession, member: Member, wish: Wish, attempt: int, url: str) -> Try:
        invoked = time.monotonic()
        self.in_flight += 1
        try:
            status, answer = await _ask(session, member.token, wish, url)
            outcome = outcome_of(status)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            status, answer, outcome = 0, {}, UNSENT
        except (aiohttp.ClientError, TimeoutError, OSError):
            status, answer, outcome = 0, {}, UNKNOWN
        finally:
            self.in_flight -= 1
        done = Try(wish.key, attempt, url, invoked, time.monotonic(), outcome, status, answer)
        self.tries.append(done)
        self._lines.write(json.dumps(done.line) + "\n")
        return done


async def _ask(session: aiohttp.ClientSession, token: str, wish: Wish, url: str) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": wish.key}
    async with session.request(wish.method, url + wish.path, json=wish.body, headers=headers) as response:
        return response.status, await response.json(content_type=None)


def outcome_of(status: int) -> str:
    """Which of the kinds of answer it is; anything else is a fault."""
    if status in (200, 201):
        return ACCEPTED
    if status == 503:
        return UNAVAILABLE
    if status == 504:
        return UNKNOWN
    return REFUSED if 400 <= status < 500 and status != 401 else BROKEN


def wish_of(member: Member, chance: random.Random) -> Wish:
    """Something that a member may want."""
    makers: list[tuple[float, Callable[[Member, random.Random, str], Wish]]] = [
        (REFUSED_SHARE, _reply_to_nothing),
        (STATUS_SHARE, _set_status),
        (BOOKMARK_SHARE, _toggle_bookmark),
    ]
    key, drawn = str(uuid4()), chance.random()
    for share, make in makers:
        if drawn < share:
            return make(member, chance, key)
        drawn -= share
    return _send(member, key, "sent", {})


def _send(member: Member, key: str, kind: str, more: dict[str, Any]) -> Wish:
    route = "POST /v1/conversations/{conversation_id}/messages"
    path = f"/v1/conversations/{member.conversation_id}/messages"
    body = {"client_message_id": key, "content": f"said under {key}", **more}
    return Wish(kind, member.conversation_id, member.user_id, "POST", path, route, key, body)


def _reply_to_nothing(member: Member, _: random.Random, key: str) -> Wish:
    return _send(member, key, "refused", {"reply_to_id": str(uuid4())})


def _set_status(member: Member, chance: random.Random, key: str) -> Wish:
    body: dict[str, Any] = {"text": f"status {key}"}
    if chance.random() < 0.5:
        body["expires"] = {"in_seconds": chance.choice((1, 2, 3600))}
    return Wish("status", member.user_id, member.user_id, "PUT", "/v1/me/status", "PUT /v1/me/status", key, body)


def _toggle_bookmark(member: Member, _: random.Random, key: str) -> Wish:
    body = {"type": "message", "target_id": member.message_id, "conversation_id": member.conversation_id, "note": key}
    path = "/v1/bookmarks/toggle"
    return Wish("bookmark", member.user_id, member.user_id, "POST", path, f"POST {path}", key, body)
