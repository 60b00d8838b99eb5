"""What PostgreSQL logs of a start: whoever looks for an error there finds none that means nothing."""

import asyncio
import re
from pathlib import Path

import pytest

from deploy.embedded.postgres import EmbeddedPostgres
from migrations.apply import apply_migrations

pytestmark = pytest.mark.servers


async def test_a_first_start_and_later_ones_leave_no_error_in_the_log(servers_folder: Path) -> None:
    postgres = EmbeddedPostgres(servers_folder / "without-errors", durable=False)

    for _ in range(2):
        async with postgres:
            await asyncio.to_thread(apply_migrations, postgres.url)

    logged = postgres.log.read_text().splitlines()
    assert sum("ready to accept connections" in line for line in logged) == 2
    assert [line for line in logged if re.search(r"ERROR:|PANIC:|FATAL: .* starting up", line)] == []
