"""The floor of an acknowledgement: one record appended and acknowledged after another, over a connection of its own."""

import time
from base64 import b64decode, b64encode
from time import perf_counter

import msgspec
from aiokafka.structs import TopicPartition

from benchmarks.apart import BrokenRunError, answer_job, apart
from benchmarks.figures import percentile
from benchmarks.load import Measured
from benchmarks.writing_logs import patiently_fenced
from services.command.writing.appending import Appended, Appender, build_batch

WARM_UP = 50


class Appends(msgspec.Struct, frozen=True):
    """So many appends of this record (in base64) to the first partition of a topic."""

    bootstrap_servers: str
    topic: str
    key: str
    value: str
    number: int
    transactional_id: str


async def bare_appends(bootstrap_servers: str, topic: str, key: bytes, value: bytes, number: int) -> Measured:
    """Measures in a process of its own."""
    transactional_id = f"benchmarks.{topic}"
    words = b64encode(key).decode(), b64encode(value).decode()
    job = Appends(bootstrap_servers, topic, *words, number, transactional_id)
    return await apart("floors.bare_append", job, Measured)


async def _measure(job: Appends) -> Measured:
    partition = TopicPartition(job.topic, 0)
    record = b64decode(job.key), b64decode(job.value)
    appender = Appender(job.bootstrap_servers, [job.topic], "benchmarks-floor")
    node, producer = await appender.leader(partition), await patiently_fenced(appender, job.transactional_id)
    times: list[float] = []
    for sequence in range(WARM_UP + job.number):
        began = perf_counter()
        batch = build_batch([record], producer, sequence, int(time.time() * 1000))
        outcome = (await appender.append(node, {partition: batch}))[partition]
        times.append(perf_counter() - began)
        if not isinstance(outcome, Appended):
            raise BrokenRunError(f"a bare append failed: {outcome.reason}")
    await appender.reset()
    p50, p99 = (1000 * percentile(times[WARM_UP:], each) for each in (50, 99))
    return Measured(job.number, sum(times[WARM_UP:]), p50, p99, {})


if __name__ == "__main__":
    answer_job(Appends, _measure)
