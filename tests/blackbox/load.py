"""Many clients who each ask one thing after the other, and ask again with the same key until it is settled."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import aiohttp

from tests.blackbox.history import ACCEPTED, BROKEN, REFUSED, UNAVAILABLE, UNKNOWN, UNSENT, History, Member, Try, Wish
from tests.blackbox.kinds import KINDS
from tests.blackbox.people import Town
from tests.blackbox.stories import story_of

REQUEST_SECONDS = 12.0
PAUSE_SECONDS = (0.2, 1.0)
REPEATED_SHARE = 0.1
SETTLED = (ACCEPTED, REFUSED, BROKEN)


@dataclass(slots=True)
class Load:
    """The clients, and a line for each of their requests. They stop at so many `commands`, or when they are told to.

    What they want is a function of `seed`; how often they ask, and where, depends on what they are answered.
    """

    town: Town
    log: Path
    urls: list[str]
    seed: int = 0
    commands: int | None = None
    history: History = field(default_factory=lambda: History(time.time() - time.monotonic()))
    newest: dict[str, tuple[int, str]] = field(default_factory=dict)
    """The last accepted message of each conversation: its seq and position."""
    in_flight: int = 0
    stopping: bool = False
    _lines: TextIO = field(init=False)
    _session: aiohttp.ClientSession = field(init=False)

    async def run(self, clients: int) -> None:
        """Lets so many clients ask; returns when each has settled what it asked last."""
        async with self.session():
            await asyncio.gather(*(self._client(i) for i in range(clients)))

    @property
    def members(self) -> list[Member]:
        """Those who stay, whatever happens."""
        return self.town.members

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Within it requests can be sent, and are written down."""
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        with self.log.open("a", encoding="utf-8") as self._lines:
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as self._session:
                self._session._retry_connection = False  # else it sends a PUT twice, and tells of the second alone
                yield

    def stop(self) -> None:
        """Lets no client begin anything new."""
        self.stopping = True

    def outcomes(self) -> Counter[str]:
        """How many requests came to what."""
        return Counter(each.outcome for each in self.history.tries)

    def accepted_by_kind(self) -> Counter[str]:
        """How many wishes of each kind that there is were accepted: none is left out."""
        accepted = {each.wish for each in self.history.tries if each.outcome == ACCEPTED}
        counted = Counter(self.history.wishes[name].kind for name in accepted)
        return Counter({kind: counted[kind] for kind in KINDS})

    async def settle(self, wish: Wish, token: str, chance: random.Random, url: str) -> str:
        """Asks until it is settled, now and then once more; gives the URL that answered."""
        self.history.wishes[wish.name] = wish
        attempt = 0
        while True:
            attempt += 1
            done = await self.ask(wish, token, attempt, url)
            if done.outcome == ACCEPTED and chance.random() < REPEATED_SHARE:
                await self.ask(wish, token, attempt + 1, url)
            if done.outcome in SETTLED:
                return url
            await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
            url = chance.choice(self.urls)

    async def ask(self, wish: Wish, token: str, attempt: int, url: str) -> Try:
        """Asks once, and notes what came of it."""
        invoked = time.monotonic()
        self.in_flight += 1
        try:
            status, answer = await self._send(wish, token, url)
            outcome = outcome_of(status)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            status, answer, outcome = 0, {}, UNSENT
        except (aiohttp.ClientError, TimeoutError, OSError):
            status, answer, outcome = 0, {}, UNKNOWN
        finally:
            self.in_flight -= 1
        done = Try(wish.name, attempt, url, invoked, time.monotonic(), outcome, status, answer)
        self._note(wish, done)
        return done

    async def _client(self, number: int) -> None:
        wishing, trying = (random.Random(f"{self.seed} {number} {what}") for what in ("wishes", "tries"))
        url = self.urls[0]
        while not self.is_over:
            for by, wish in story_of(self.town, wishing):
                if not self.is_over:
                    url = await self.settle(wish, by.token, trying, url)

    @property
    def is_over(self) -> bool:
        """Whether nothing new is asked any more: enough was, or it was stopped."""
        return self.stopping or (self.commands is not None and len(self.history.wishes) >= self.commands)

    async def _send(self, wish: Wish, token: str, url: str) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": wish.key}
        sent: dict[str, Any] = {"json": wish.body or None}
        if wish.content is not None:
            name, content = wish.content
            sent = {"data": content, "params": {"name": name}}
        async with self._session.request(wish.method, url + wish.path, headers=headers, **sent) as response:
            return response.status, await response.json(content_type=None)

    def _note(self, wish: Wish, done: Try) -> None:
        self.history.tries.append(done)
        self._lines.write(json.dumps(done.line) + "\n")
        if done.outcome == ACCEPTED and wish.kind == "sent":
            seq, _ = self.newest.get(wish.stream, (0, ""))
            if done.answer["seq"] > seq:
                self.newest[wish.stream] = (done.answer["seq"], done.answer["position"])


def outcome_of(status: int) -> str:
    """Which of the kinds of answer it is; anything else is a fault."""
    if status in (200, 201):
        return ACCEPTED
    if status == 503:
        return UNAVAILABLE
    if status == 504:
        return UNKNOWN
    return REFUSED if 400 <= status < 500 and status != 401 else BROKEN
