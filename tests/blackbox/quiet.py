"""After the storm: the tables come to cover the log, what was due is cleared, and `verbatim verify` looks at it all."""

import asyncio
import time
from contextlib import suppress

import asyncpg

from services.operator.verifying.checking import Source, check
from services.operator.verifying.findings import Report
from services.operator.verifying.log_reading import Going
from shared.identifiers import StreamKind
from shared.settings import Settings

QUIET_SECONDS = 60.0
NOT_COVERED = "records that the tables did not cover yet"


async def quiet(settings: Settings) -> Report:
    """Waits until nothing is due and the tables cover the log, and gives what a check finds then."""
    topics = {kind.value: settings.topic(kind) for kind in StreamKind}
    source = Source(settings.kafka_bootstrap_servers, topics, settings.database_url, settings.schema("read"))
    await _nothing_is_due(settings)
    until = time.monotonic() + QUIET_SECONDS
    while (report := await check(source, Going())).looked_at[NOT_COVERED]:
        assert time.monotonic() < until, "the projector does not catch up"
        await asyncio.sleep(0.5)
    return report


async def _nothing_is_due(settings: Settings) -> None:
    """Waits for it, within limits: what stays all the same is for the check to find."""
    with suppress(TimeoutError):
        async with asyncio.timeout(QUIET_SECONDS):
            while await _due(settings):  # noqa: ASYNC110  # the clock decides
                await asyncio.sleep(0.5)


async def _due(settings: Settings) -> int:
    """How many statuses end within the next seconds, or should have ended."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        schema = settings.schema("read")
        count: int = await connection.fetchval(
            f"SELECT count(*) FROM {schema}.user_statuses WHERE expires_at < now() + interval '10 seconds'"
        )
    finally:
        await connection.close()
    return count
