"""Time tells as much as words: for what is not there, and for what is not theirs to know, the same work is done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from services.projector.read_model import LiveReadModel, open_questions_pool
from shared.identifiers import UserId
from shared.settings import Settings
from tests.contract.access import QUERIES, Ids, Kind, kind_of
from tests.contract.operations import Operation
from tests.contract.services import Services
from tests.contract.town import Crew, Person, Town
from tests.fixtures.read_tables import Client, questions_about


@dataclass(frozen=True, slots=True)
class WatchedReadModel:
    """A read model that notes every statement that is put to it."""

    read_model: LiveReadModel
    statements: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection as ever."""
        async with self.read_model.connection() as connection:
            with connection.query_logger(self._note):
                yield connection

    @asynccontextmanager
    async def search_connection(self, by: UserId) -> AsyncIterator[Any]:
        """A connection for a search, as ever."""
        async with self.read_model.search_connection(by) as connection:
            with connection.query_logger(self._note):
                yield connection

    def _note(self, record: asyncpg.connection.LoggedQuery) -> None:
        self.statements.append(record.query)


@dataclass(frozen=True, slots=True)
class Questions:
    """Every question about the read tables of running services, asked in this process."""

    client: Client
    watched: WatchedReadModel

    async def work_of(self, operation: Operation, person: Person, ids: Ids) -> list[str]:
        """The statements that an answer took."""
        self.watched.statements.clear()
        query = QUERIES.get(operation.name)
        headers = {"Authorization": f"Bearer {person.token}"}
        async with self.client.get(
            operation.filled(ids), params=query(ids) if query else None, headers=headers
        ) as told:
            assert told.status in {200, 404}, await told.text()
        return [*self.watched.statements]


@asynccontextmanager
async def questions_of(settings: Settings) -> AsyncIterator[Questions]:
    pool = await open_questions_pool(settings)
    watched = WatchedReadModel(LiveReadModel(pool))
    async with questions_about(watched, settings) as client:
        yield Questions(client, watched)
    await pool.close()


async def test_whoever_is_not_in_a_conversation_costs_as_much_as_whoever_asks_about_nothing(
    services: Services, operations: list[Operation], town: Town, crew: Crew
) -> None:
    """The same statements, and as many: what each of them finds is nothing in both."""
    group = await town.found(crew)
    await town.until_seen(crew.owner, group.position)
    asked = [each for each in operations if kind_of(each) is Kind.CONVERSATION and each.service == "query"]
    nowhere = group.without(*group.ids.keys() - {"type", "word"})
    async with questions_of(services.settings) as questions:
        for operation in asked:
            await questions.work_of(operation, crew.owner, nowhere)  # the driver learns what types there are
            for person in (crew.stranger, crew.left):
                there = await questions.work_of(operation, person, group.ids)
                assert there == await questions.work_of(operation, person, nowhere), operation.name
                assert there, operation.name
    assert len(asked) > 8
