"""The table of accounts: its SQL, and nothing that decides."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import asyncpg

from services.command.accounts.account import Account, Deactivation, Registration, WantedAgent
from shared.events.people import UserKind
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
UNFINISHED = """
    SELECT * FROM {schema}.accounts WHERE registration IN ('begun', 'taken_up')
    ORDER BY random() LIMIT $1  -- so that some that cannot be finished keep nobody from their turn
    """
USERNAME_IS_TAKEN = "SELECT EXISTS (SELECT FROM {schema}.accounts WHERE lower(username) = lower($1))"
TAKE_UP = "UPDATE {schema}.accounts SET registration = 'taken_up' WHERE user_id = $1 AND registration = 'begun'"
TAKE_BACK = "DELETE FROM {schema}.accounts WHERE user_id = $1 AND registration = 'begun' RETURNING user_id"
RECORDED = "UPDATE {schema}.accounts SET registration = 'recorded' WHERE user_id = $1 AND registration <> 'recorded'"
INSERT_AGENT = """
    INSERT INTO {schema}.accounts (user_id, username, display_name, registration, kind, owner_id, key_hash)
    VALUES ($1, $2, $3, 'begun', 'agent', $4, $5)
    ON CONFLICT DO NOTHING
    RETURNING *
    """
AGENT_WITH_KEY = """
    SELECT agent.* FROM {schema}.accounts AS agent JOIN {schema}.accounts AS owner ON owner.user_id = agent.owner_id
    WHERE agent.user_id = $1 AND agent.key_hash = $2 AND agent.is_active AND owner.is_active
    """
SET_KEY = """
    UPDATE {schema}.accounts SET key_hash = $3, updated_at = now()
    WHERE user_id = $1 AND owner_id = $2 AND is_active
    RETURNING user_id
    """
ACTIVE_AGENTS_OF = "SELECT user_id FROM {schema}.accounts WHERE owner_id = $1 AND is_active ORDER BY user_id"
ACTIVE_AMONG = """
    SELECT user_id FROM {schema}.accounts
    WHERE user_id = ANY($1::uuid[]) AND is_active AND registration IN ('recorded', 'imported')
        AND kind = ANY($2::text[])
    """
THERE_AMONG = "SELECT user_id FROM {schema}.accounts WHERE user_id = ANY($1::uuid[])"
CLAIM = """
    UPDATE {schema}.accounts SET email = $2, password_hash = $3, updated_at = now()
    WHERE user_id = $1 AND email IS NULL AND is_active
    RETURNING user_id
    """
BEGIN_DEACTIVATION = """
    UPDATE {schema}.accounts
    SET is_active = false, deactivated_at = coalesce(deactivated_at, now()), updated_at = now(),
        deactivation = CASE WHEN deactivation IS NULL THEN 'begun' WHEN deactivation = 'begun' THEN 'taken_up'
            ELSE deactivation END
    WHERE user_id = $1
    RETURNING deactivation
    """
TAKE_BACK_DEACTIVATION = """
    UPDATE {schema}.accounts SET is_active = true, deactivated_at = NULL, deactivation = NULL, updated_at = now()
    WHERE user_id = $1 AND deactivation = 'begun'
    RETURNING user_id
    """
DEACTIVATION_RECORDED = """
    WITH families AS (DELETE FROM {schema}.refresh_families WHERE user_id = $1),
        agents AS (UPDATE {schema}.accounts SET key_hash = NULL, updated_at = now() WHERE owner_id = $1)
    UPDATE {schema}.accounts
    SET is_active = false, deactivated_at = coalesce(deactivated_at, now()),
        deactivation = CASE WHEN deactivation = 'settled' THEN 'settled' ELSE 'recorded' END,
        email = NULL, password_hash = NULL, key_hash = NULL, updated_at = now()
    WHERE user_id = $1
    """
DEACTIVATED_WITHIN = """
    SELECT user_id FROM {schema}.accounts WHERE deactivated_at > now() - make_interval(secs => $1)
    """
UNFINISHED_DEACTIVATIONS = """
    SELECT user_id FROM {schema}.accounts
    WHERE deactivation IN ('begun', 'taken_up') AND deactivated_at < now() - make_interval(secs => $1)
    ORDER BY random() LIMIT $2
    """
UNSETTLED_DEACTIVATIONS = """
    SELECT user_id, deactivated_at < now() - make_interval(secs => $1) AS for_good FROM {schema}.accounts
    WHERE deactivation = 'recorded'
    LIMIT $2
    """
DEACTIVATION_SETTLED = """
    UPDATE {schema}.accounts SET deactivation = 'settled' WHERE user_id = $1 AND deactivation = 'recorded'
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

    async def active_among(
        self, connection: Connection, user_ids: Sequence[UserId], kinds: Sequence[UserKind]
    ) -> set[str]:
        """Those of these kinds who are there and active."""
        return {row["user_id"] for row in await connection.fetch(self._sql(ACTIVE_AMONG), user_ids, kinds)}

    async def there_among(self, connection: Connection, user_ids: Sequence[UserId]) -> set[str]:
        """Those who have an account, or had one and left."""
        return {row["user_id"] for row in await connection.fetch(self._sql(THERE_AMONG), user_ids)}

    async def claim(self, connection: Connection, user_id: UserId, email: str, password_hash: str) -> bool:
        """Gives an account that has none an email and a password. Tells whether it did."""
        return await connection.fetchval(self._sql(CLAIM), user_id, email, password_hash) is not None

    async def insert_agent(self, connection: Connection, agent: WantedAgent, key_hash: bytes) -> Account | None:
        """A new agent, or None when its id or username is taken."""
        values = (agent.user_id, agent.username, agent.display_name, agent.owner_id, key_hash)
        return _account(await connection.fetchrow(self._sql(INSERT_AGENT), *values))

    async def agent_with_key(self, connection: Connection, user_id: UserId, key_hash: bytes) -> Account | None:
        """The agent whose key this is, if it and its owner are active."""
        return _account(await connection.fetchrow(self._sql(AGENT_WITH_KEY), user_id, key_hash))

    async def set_key(self, connection: Connection, user_id: UserId, owner_id: UserId, key_hash: bytes | None) -> bool:
        """Gives an agent of this owner's another key, or none. Tells whether there is such an agent."""
        return await connection.fetchval(self._sql(SET_KEY), user_id, owner_id, key_hash) is not None

    async def active_agents_of(self, connection: Connection, owner_id: UserId) -> list[UserId]:
        """The agents of this owner's that are active."""
        return [UserId(row["user_id"]) for row in await connection.fetch(self._sql(ACTIVE_AGENTS_OF), owner_id)]

    async def begin_deactivation(self, connection: Connection, user_id: UserId) -> Deactivation | None:
        """Closes the account, and tells how far its end is now; None when there is no such account."""
        found = await connection.fetchval(self._sql(BEGIN_DEACTIVATION), user_id)
        return None if found is None else Deactivation(found)

    async def take_back_deactivation(self, connection: Connection, user_id: UserId) -> bool:
        """Opens it again, if nobody else has counted on its end. Tells whether it did."""
        return await connection.fetchval(self._sql(TAKE_BACK_DEACTIVATION), user_id) is not None

    async def deactivation_recorded(self, connection: Connection, user_id: UserId) -> None:
        """Its end is in the log: nothing is left to log in with, nor a key of an agent of theirs."""
        await connection.execute(self._sql(DEACTIVATION_RECORDED), user_id)

    async def deactivated_within(self, connection: Connection, seconds: float) -> set[UserId]:
        """Whose account was closed so recently."""
        return {UserId(row["user_id"]) for row in await connection.fetch(self._sql(DEACTIVATED_WITHIN), seconds)}

    async def unfinished_deactivations(self, connection: Connection, seconds: float, limit: int) -> list[UserId]:
        """Whose account was closed longer ago than that, of whom it is not known that their end is recorded."""
        rows = await connection.fetch(self._sql(UNFINISHED_DEACTIVATIONS), seconds, limit)
        return [UserId(row["user_id"]) for row in rows]

    async def unsettled_deactivations(self, connection: Connection, seconds: float, limit: int) -> dict[UserId, bool]:
        """Whose end is in the log and not seen to elsewhere; of each, whether it was closed longer ago than that."""
        rows = await connection.fetch(self._sql(UNSETTLED_DEACTIVATIONS), seconds, limit)
        return {UserId(row["user_id"]): row["for_good"] for row in rows}

    async def deactivation_settled(self, connection: Connection, user_id: UserId) -> None:
        """Its end has been seen to elsewhere."""
        await connection.execute(self._sql(DEACTIVATION_SETTLED), user_id)

    def _sql(self, statement: str) -> str:
        return statement.format(schema=self._schema)


def _account(row: asyncpg.Record | None) -> Account | None:
    if row is None:
        return None
    columns = {field.name: row[field.name] for field in fields(Account)}
    return Account(**{**columns, "registration": Registration(row["registration"])})
