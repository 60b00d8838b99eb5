"""Fault 14: offsets go back, and what was projected is delivered again."""

import asyncio
import json
import random
import time
from dataclasses import dataclass

import asyncpg

from services.projector.checkpoints import shut_out_holder
from shared.identifiers import StreamKind
from shared.log.identity import identity_of
from tests.blackbox.recorded import CLAIMED, raw_records
from tests.chaos.biting import Bite, Fault
from tests.chaos.planning import Kind, Planned
from tests.chaos.square import LIMIT_SECONDS, Square

REWOUND, TIMES = 10_000, 5
Raw = list[tuple[int, bytes | None, bytes | None]]


@dataclass(frozen=True, slots=True)
class Rewound:
    """A checkpoint went back `by` so many records, from where it stood."""

    from_offset: int
    by: int


async def redelivered(square: Square, planned: Planned) -> Bite:
    """The last ten thousand records of a partition, five times."""
    chance, settings = random.Random(planned.seed), square.stack.settings
    topic, partition = settings.topic(chance.choice(list(StreamKind))), chance.randrange(settings.partitions)
    raw = await raw_records(settings.kafka_bootstrap_servers, topic, partition)
    connection = await asyncpg.connect(
        square.stack.postgres.url, server_settings={"search_path": settings.schema("read")}
    )
    records = 0
    try:
        for _ in range(TIMES):
            rewound = await _rewind(connection, topic, partition, raw)
            await _until_covered(connection, topic, partition, rewound.from_offset)
            records += rewound.by
    finally:
        await connection.close()
    return Bite(records, f"records of {topic}/{partition} were delivered again, and the tables went over them")


async def _rewind(connection: asyncpg.Connection, topic: str, partition: int, raw: Raw) -> Rewound:
    async with connection.transaction():
        await shut_out_holder(connection)
        at: int = await connection.fetchval(
            "SELECT next_offset FROM checkpoints WHERE topic = $1 AND partition = $2", topic, partition
        )
        to = max(0, min(at, len(raw)) - REWOUND)
        claim_offset, claim_epoch = _claim_before(raw[:to])
        await connection.execute(
            """
            UPDATE checkpoints SET next_offset = $3, claim_offset = $4, claim_epoch = $5, last_record = $6
            WHERE topic = $1 AND partition = $2
            """,
            topic,
            partition,
            to,
            claim_offset,
            claim_epoch,
            identity_of(raw[to - 1][2]) if to else None,
        )
    return Rewound(at, at - to)


def _claim_before(raw: Raw) -> tuple[int, int]:
    for offset, _, value in reversed(raw):
        envelope = json.loads(value or b"{}")
        if envelope["type"] == CLAIMED:
            return offset, envelope["data"]["epoch"]
    return -1, -1


async def _until_covered(connection: asyncpg.Connection, topic: str, partition: int, offset: int) -> None:
    until = time.monotonic() + LIMIT_SECONDS
    asked = "SELECT next_offset FROM checkpoints WHERE topic = $1 AND partition = $2"
    while await connection.fetchval(asked, topic, partition) < offset:
        assert time.monotonic() < until, "what is delivered again is not projected"
        await asyncio.sleep(0.02)


REDELIVERING: dict[Kind, Fault] = {Kind.REDELIVERED: redelivered}
