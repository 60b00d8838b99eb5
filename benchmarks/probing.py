"""Times from an acknowledgement to the moment at which its writer can read what they wrote."""

import asyncio
from time import perf_counter
from urllib.parse import urlsplit

import msgspec

from benchmarks.apart import BrokenRunError, answer_job, apart
from benchmarks.connection import connect, request_bytes
from benchmarks.figures import percentile
from benchmarks.load import Asking, requests_of


class Probing(msgspec.Struct, frozen=True):
    """Each of `asking` sends a message now and then and reads it at once; together so many a second."""

    command_url: str
    query_url: str
    asking: list[Asking]
    per_second: float
    seconds: float


class Visible(msgspec.Struct, frozen=True):
    """From the acknowledgement to the answer that shows the message, in milliseconds."""

    probes: int
    p50: float
    p99: float


class _Accepted(msgspec.Struct, frozen=True):
    message_id: str
    position: str


async def probe(probing: Probing) -> Visible:
    """Measures in a process of its own."""
    return await apart("probing", probing, Visible)


async def _measure(job: Probing) -> Visible:
    times: list[float] = []
    until = perf_counter() + job.seconds
    await asyncio.gather(*(_probe(job, place, until, times) for place in range(len(job.asking))))
    p50, p99 = (1000 * percentile(times, each) for each in (50, 99))
    return Visible(len(times), p50, p99)


async def _probe(job: Probing, place: int, until: float, times: list[float]) -> None:
    asking, between = job.asking[place], len(job.asking) / job.per_second
    command, query = [
        await connect(urlsplit(url).hostname or "", urlsplit(url).port or 0) for url in (job.command_url, job.query_url)
    ]
    next_request = requests_of(asking, place)
    await asyncio.sleep(between * place / len(job.asking))
    while perf_counter() < until:
        began = perf_counter()
        sent = await command.ask(next_request())
        acknowledged = perf_counter()
        accepted = msgspec.json.decode(sent.body, type=_Accepted)
        request = request_bytes("GET", f"{asking.path}?limit=20", asking.token, Min_Position=accepted.position)
        answered = await query.ask(request)
        if accepted.message_id.encode() not in answered.body:
            raise BrokenRunError(f"an acknowledged message was not shown: {answered.status}")
        times.append(perf_counter() - acknowledged)
        await asyncio.sleep(max(0.0, between - (perf_counter() - began)))
    command.close()
    query.close()


if __name__ == "__main__":
    answer_job(Probing, _measure)
