"""A town for each test."""

from collections.abc import AsyncIterator

import pytest

from shared.identifiers import UserId
from shared.postgres import open_pool
from shared.settings import Settings
from tests.expiration.town import Clock, OneWriter, Town, people
from tests.fixtures.written_log import writing_a_log


@pytest.fixture
async def town(service_settings: Settings) -> AsyncIterator[Town]:
    """A town without an expiration yet."""
    pool = await open_pool(service_settings)
    clock = Clock()
    async with writing_a_log(service_settings) as log:
        town = Town(service_settings, pool, log, clock, OneWriter(log, clock))
        yield town
        for expiration in town.running:
            await expiration.stop()
    await pool.close()


@pytest.fixture
def anna() -> UserId:
    """Somebody."""
    return people(1)[0]
