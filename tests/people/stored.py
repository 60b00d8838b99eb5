"""What is kept of accounts, past the service that keeps it."""

from typing import Any

import asyncpg

from shared.settings import Settings
from tests.fixtures.command_service import CommandService, Person


async def executed(settings: Settings, statement: str, *arguments: Any) -> Any:
    """Does it in the services' database; gives the first value of the first row, if there is one."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        return await connection.fetchval(statement, *arguments)
    finally:
        await connection.close()


async def deactivation_of(service: CommandService, person: Person) -> str | None:
    """How far somebody's leaving has come."""
    found: str | None = await executed(
        service.settings, "SELECT deactivation FROM accounts.accounts WHERE user_id = $1", person.user_id
    )
    return found
