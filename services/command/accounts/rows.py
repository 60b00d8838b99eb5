"""The table of accounts: its SQL, and nothing that decides."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import asyncpg

from services.command.accounts.account import Account, Registration
from shared.identifiers import UserId
from shared.postgres import Connection

INSERT = """
    INSERT INTO {schema}.accounts (user_id, username, email, password_hash, display_name, registration)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
    RETURNING *
    """
BY_ID = "SELECT * FROM {schema}.accounts WHERE user_id = $1"
BY_EMAIL = "SELECT * FROM {schema}.accounts WHERE lower(email) = lower($1)"
UNFINISHED = "SELECT * FROM {schema}.accounts WHERE registration IN ('begun', 'taken_up') LIMIT $1"
USERNAME_IS_TAKEN = "SELECT EXISTS (SELECT FROM {schema}.accounts WHERE lower(username) = lower($1))"
TAKE_UP = "UPDATE {schema}.accounts SET registration = 'taken_up' WHERE user_id = $1 AND registration = 'begun'"
TAKE_BACK = "DELETE FROM {schema}.accounts WHERE user_id = $1 AND registration = 'begun' RETURNING user_id"
RECORDED = "UPDATE {schema}.accounts SET registration = 'recorded' WHERE user_id = $1 AND registration <> 'recorded'"
ACTIVE_AMONG = """
    SELECT user_id FROM {schema}.accounts
    WHERE user_id = ANY($1::uuid[]) AND is_active AND registration IN ('recorded', 'imported')
    """
CLAIM = """
    UPDATE {schema}.accounts SET email = $2, password_hash = $3, updated_at = now()
    WHERE user_id = $1 AND email IS NULL
    RETURNING user_id
    """


class AccountRows:
    """Every statement there is on accounts, over a connection that is given."""

    def __init__(self, schema: str) -> None:
        self._schema = schema

    async def insert(self, connection: Connection, *values: Any) -> Account | None:
        """A new account, or None when its id, username or email is taken."""
        return _account(await connection.fetchrow(self._sql(INSERT), *values))

    async def by_id(self, connection: Connection, user_id: UserId) -> Account | None:
        """The account of this user."""
        return _account(await connection.fetchrow(self._sql(BY_ID), user_id))

    async def by_email(self, connection: Connection, email: str) -> Account | None:
        """The account that logs in with this email, whatever its case."""
        return _account(await connection.fetchrow(self._sql(BY_EMAIL), email))

    async def unfinished(self, connection: Connection, limit: int) -> list[Account]:
        """Accounts of which it is not known that their event is recorded."""
        return [account for row in await connection.fetch(self._sql(UNFINISHED), limit) if (account := _account(row))]

    async def username_is_taken(self, connection: Connection, username: str) -> bool:
        """Whether somebody has this username, whatever its case."""
        return bool(await connection.fetchval(self._sql(USERNAME_IS_TAKEN), username))

    async def take_up(self, connection: Connection, user_id: UserId) -> None:
        """From here on the request that began it cannot take it back."""
        await connection.execute(self._sql(TAKE_UP), user_id)

    async def take_back(self, connection: Connection, user_id: UserId) -> bool:
        """Removes it, if nobody else has counted on it. Tells whether it is gone."""
        return await connection.fetchval(self._sql(TAKE_BACK), user_id) is not None

    async def recorded(self, connection: Connection, user_id: UserId) -> None:
        """Its event is in the log."""
        await connection.execute(self._sql(RECORDED), user_id)

    async def active_among(self, connection: Connection, user_ids: Sequence[UserId]) -> set[str]:
        """Those who are there and active."""
        return {row["user_id"] for row in await connection.fetch(self._sql(ACTIVE_AMONG), user_ids)}

    async def claim(self, connection: Connection, user_id: UserId, email: str, password_hash: str) -> bool:
        """Gives an account that has none an email and a password. Tells whether it did."""
        return await connection.fetchval(self._sql(CLAIM), user_id, email, password_hash) is not None

    def _sql(self, statement: str) -> str:
        return statement.format(schema=self._schema)


def _account(row: asyncpg.Record | None) -> Account | None:
    if row is None:
        return None
    columns = {field.name: row[field.name] for field in fields(Account)}
    return Account(**{**columns, "registration": Registration(row["registration"])})
