"""What a question's route is given: the valid request, and the read model as it stands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol

import asyncpg

from services.projector.projection import Connection
from shared.identifiers import UserId
from shared.web.routes import B, Incoming, P, Q


class ReadModel(Protocol):
    """The read tables. SQL names them without a schema: which one is live is known here."""

    def connection(self) -> Any:
        """A context manager that gives a connection to the live read schema, from a bounded pool."""

    def search_connection(self, by: UserId) -> Any:
        """The same for a search by this person, of which few are done at once."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[B, P, Q]):
    """A question."""

    incoming: Incoming[B, P, Q]
    read_model: ReadModel

    @property
    def by(self) -> UserId:
        """Who asks."""
        return self.incoming.by

    @property
    def path(self) -> P:
        """The parameters in the path."""
        return self.incoming.path

    @property
    def query(self) -> Q:
        """The query parameters."""
        return self.incoming.query

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection to the live read model; all of a question's SQL runs in one."""
        async with self.read_model.connection() as connection:
            yield connection

    @asynccontextmanager
    async def search_connection(self) -> AsyncIterator[Connection]:
        """A connection for what may take long, of which few are used at once: see `ReadModel`."""
        async with self.read_model.search_connection(self.by) as connection:
            yield connection

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """The rows that one statement finds."""
        async with self.connection() as connection:
            return await connection.fetch(sql, *arguments)

    async def row(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row that one statement finds."""
        async with self.connection() as connection:
            return await connection.fetchrow(sql, *arguments)
