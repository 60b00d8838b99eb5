"""Puts load on a service from a process of its own, and reads beside it what CPU the processes of the stack use."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from time import perf_counter
from urllib.parse import urlsplit

import msgspec

from benchmarks.apart import BrokenRunError, answer_job, apart
from benchmarks.connection import Connection, connect, request_bytes
from benchmarks.figures import percentile
from benchmarks.processes import cpu_of, difference

CONTENT = "Sixty characters, not one more, is what a line of chat takes"
ANY_KEY = "00000000-0000-4000-8000-000000000000"
KEY, TURN = "<key>", "<turn>"


class Wish(msgspec.Struct, frozen=True):
    """One request of a script: KEY in it stands for a key that no other request has, TURN for how often the script was
    begun, the first time included."""

    method: str
    path: str
    token: str
    body: str = ""
    has_key: bool = False


class Asking(msgspec.Struct, frozen=True):
    """Who asks what: a message is sent when `sends` is true, each with a key of its own; else the path is read.

    With a `script`, its wishes are asked one after another instead, again and again.
    """

    path: str = ""
    token: str = ""
    sends: bool = True
    script: list[Wish] = []


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """So many connections ask one thing after another, each always the same of `asking`, in turn.

    `seconds` are measured after the warm-up, or as long as `answers` take. With `per_second` they keep that pace
    together; without it, each asks as soon as it was answered. `pids` are the processes whose CPU is read.
    """

    url: str
    asking: list[Asking]
    connections: int
    warm_up_seconds: float = 0.0
    seconds: float = 0.0
    answers: int = 0
    per_second: float = 0.0
    pids: dict[str, int] = {}


class Measured(msgspec.Struct, frozen=True):
    """What came of it between the end of the warm-up and the end. Times are in milliseconds, CPU in seconds. `asked`:
    how many were answered in all."""

    answers: int
    seconds: float
    p50: float
    p99: float
    cpu: dict[str, float]
    asked: int = 0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    def cpu_microseconds(self, name: str) -> float:
        """CPU of a process for each answer."""
        return self.cpu[name] / self.answers * 1e6


async def put_load(load: Load) -> Measured:
    """Has a process of its own put the load on. Raises BrokenRunError when anything but a success is answered."""
    return await apart("load", load, Measured)


class _Run:
    def __init__(self, load: Load) -> None:
        self.load = load
        self.times: list[float] = []
        self.measuring = False
        self.over = False
        self.failure = ""
        self.asked = 0

    async def measure(self) -> Measured:
        address = urlsplit(self.load.url)
        host, port = address.hostname or "", address.port or 0
        connections = [await connect(host, port) for _ in range(self.load.connections)]
        asking = [asyncio.create_task(self._ask(place, each)) for place, each in enumerate(connections)]
        await asyncio.sleep(self.load.warm_up_seconds)
        before, began = cpu_of(self.load.pids), perf_counter()
        self.measuring = True
        await asyncio.wait(asking, timeout=self.load.seconds or None)
        self.measuring = False
        seconds, after = perf_counter() - began, cpu_of(self.load.pids)
        self.over = True
        await asyncio.gather(*asking)
        for each in connections:
            each.close()
        if self.failure:
            raise BrokenRunError(self.failure)
        p50, p99 = (1000 * percentile(self.times, each) for each in (50, 99))
        return Measured(len(self.times), seconds, p50, p99, difference(after, before), self.asked)

    async def _ask(self, place: int, connection: Connection) -> None:
        next_request = requests_of(self.load.asking[place % len(self.load.asking)], place)
        pace = _pace(self.load, place)
        while not self._is_enough():
            await asyncio.sleep(next(pace)) if self.load.per_second else None
            began = perf_counter()
            answered = await connection.ask(next_request())
            if answered.status not in {200, 201}:
                self.failure = f"{answered.status} was answered: {answered.body[:200].decode(errors='replace')}"
                return
            self.asked += 1
            if self.measuring:
                self.times.append(perf_counter() - began)

    def _is_enough(self) -> bool:
        return self.over or bool(self.failure) or 0 < self.load.answers <= len(self.times)


def _pace(load: Load, place: int) -> Iterator[float]:
    """How long to wait before each request, so that all connections together keep the pace."""
    between = load.connections / (load.per_second or 1.0)
    due = perf_counter() + between * place / load.connections
    while True:
        yield max(0.0, due - perf_counter())
        due += between


def requests_of(asking: Asking, place: int) -> Callable[[], bytes]:
    """What gives one request after another; each message has a key that no other has had."""
    if asking.script:
        return _scripted(asking.script, place).__next__
    if not asking.sends:
        request = request_bytes("GET", asking.path, asking.token)
        return lambda: request
    keys = _keys(place)
    head, tail = message_request(asking, ANY_KEY).split(ANY_KEY.encode())
    return lambda: head + next(keys).encode() + tail


def _keys(place: int) -> Iterator[str]:
    run = os.urandom(4).hex()
    for number in count():
        yield f"{run}-0000-4000-8{place % 4096:03x}-{number:012x}"


def _scripted(script: Sequence[Wish], place: int) -> Iterator[bytes]:
    keys = _keys(place)
    for turn in count(1):
        for wish in script:
            key = next(keys)
            body = wish.body.replace(KEY, key).replace(TURN, str(turn)).encode()
            headers = {"Idempotency_Key": key} if wish.has_key else {}
            yield request_bytes(wish.method, wish.path, wish.token, body, **headers)


def message_request(asking: Asking, key: str) -> bytes:
    """The request that sends a message under this key."""
    body = msgspec.json.encode({"client_message_id": key, "content_type": "text", "content": CONTENT})
    return request_bytes("POST", asking.path, asking.token, body)


async def _measure(load: Load) -> Measured:
    return await _Run(load).measure()


if __name__ == "__main__":
    answer_job(Load, _measure)
