"""Running services for the tests of a module, and the people who ask them."""

from collections.abc import AsyncIterator

import pytest

from shared.settings import Settings
from tests.contract.asking import Asking
from tests.contract.operations import Operation, operations_of
from tests.contract.services import MODULES, Services, running_services
from tests.contract.town import Crew, Group, Person, Town, crew_of


@pytest.fixture(scope="module")
async def services(shared_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    """Both services, as processes of their own."""
    async with running_services(shared_settings, tmp_path_factory.mktemp("contract")) as running:
        yield running


@pytest.fixture(scope="module")
async def operations(services: Services) -> list[Operation]:
    """All that can be asked, as the running services say."""
    return [each for name in MODULES for each in operations_of(await services.document(name), name)]


@pytest.fixture(scope="module")
def town(services: Services) -> Town:
    """Where the people of a module's tests live."""
    return Town.at(services)


@pytest.fixture(scope="module")
async def crew(town: Town) -> Crew:
    """People with a different part in every group."""
    return await crew_of(town)


@pytest.fixture(scope="module")
async def group(town: Town, crew: Crew) -> Group:
    """A group that is only asked about: nothing is changed in it."""
    found = await town.found(crew)
    await town.until_seen(crew.owner, found.position)
    return found


@pytest.fixture(scope="module")
async def newcomer(town: Town) -> Person:
    """Somebody who is added to groups."""
    return await town.join("Nora")


@pytest.fixture(scope="module")
def asking(services: Services, town: Town) -> Asking:
    """Asks the services of a module."""
    return Asking(services, town.canaries)
