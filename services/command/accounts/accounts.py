"""What can be done with accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.command.accounts.access_tokens import AccessTokens
from services.command.accounts.account import EVERYBODY, Account, Registration, Wanted
from services.command.accounts.agents import Agents
from services.command.accounts.deactivations import Deactivations
from services.command.accounts.imported_names import usernames_for
from services.command.accounts.passwords import Passwords
from services.command.accounts.refresh_tokens import RefreshTokens
from services.command.accounts.refusals import (
    AccountHasOwner,
    AccountUnknown,
    EmailTaken,
    UsernameTaken,
    WrongCredentials,
)
from services.command.accounts.rows import AccountRows
from services.command.dispatching import KeyUsedForOther, Refused
from shared.events.people import UserKind
from shared.identifiers import UserId
from shared.postgres import Pool, connected
from shared.settings import Settings
from shared.web.problems import OutcomeUnknown

UNFINISHED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Tokens:
    """What somebody who logs in gets. `expires_in` seconds is how long the access token is good."""

    user_id: UserId
    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class AgentToken:
    """What an agent gets for its key. `expires_in` seconds is how long the access token is good."""

    user_id: UserId
    access_token: str
    expires_in: int


class Accounts:
    """Accounts and tokens in Postgres. Everything here raises Unavailable when it is away.

    Without `access_tokens` nobody can log in: for an operator who claims an account.
    """

    def __init__(self, settings: Settings, pool: Pool, access_tokens: AccessTokens | None = None) -> None:
        schema = settings.schema("accounts")
        self._pool = pool
        self._rows = AccountRows(schema)
        self._passwords = Passwords()
        self._access = access_tokens
        self._refresh = RefreshTokens(pool, schema, settings.refresh_token_seconds)
        self.agents = Agents(pool, self._rows)
        self.deactivations = Deactivations(pool, self._rows, settings.access_token_seconds)

    def close(self) -> None:
        """Ends its threads; the pool is its owner's."""
        self._passwords.close()

    # Registering

    async def begin(self, wanted: Wanted) -> tuple[Account, bool]:
        """Makes the account, or finds the one that the same request made before. Tells which: True, if made now.

        Raises UsernameTaken, EmailTaken, Refused(KeyUsedForOther), or OutcomeUnknown when it may have been made.
        """
        password_hash = await self._passwords.hash(wanted.password)
        values = (wanted.user_id, wanted.username, wanted.email, password_hash, wanted.display_name, Registration.BEGUN)
        async with connected(self._pool, meanwhile=OutcomeUnknown) as connection:
            made = await self._rows.insert(connection, *values)
            if made is not None:
                return made, True
            known = await self._rows.by_id(connection, wanted.user_id)
            if known is None:
                raise await self._taken(connection, wanted)
            await self._rows.take_up(connection, wanted.user_id)
        if not await self._is_same(known, wanted):
            raise Refused(KeyUsedForOther())
        return known, False

    async def _taken(self, connection: asyncpg.pool.PoolConnectionProxy, wanted: Wanted) -> Exception:
        taken = await self._rows.username_is_taken(connection, wanted.username)
        return UsernameTaken() if taken else EmailTaken()

    async def _is_same(self, known: Account, wanted: Wanted) -> bool:
        same_password = await self._passwords.matches(known.password_hash, wanted.password)
        asked = (wanted.email, wanted.username, wanted.display_name)
        return same_password and (known.email, known.username, known.display_name) == asked

    async def take_up(self, user_id: UserId) -> None:
        """Counts on an account whose registration another request began."""
        async with connected(self._pool) as connection:
            await self._rows.take_up(connection, user_id)

    async def take_back(self, user_id: UserId) -> bool:
        """Removes an account whose event was not recorded, unless somebody counts on it. Tells whether it did."""
        async with connected(self._pool) as connection:
            return await self._rows.take_back(connection, user_id)

    async def recorded(self, user_id: UserId) -> None:
        """The account's event is in the log."""
        async with connected(self._pool) as connection:
            await self._rows.recorded(connection, user_id)

    async def unfinished(self) -> list[Account]:
        """Some of the accounts of which it is not known that their event is recorded."""
        async with connected(self._pool) as connection:
            return await self._rows.unfinished(connection, UNFINISHED_AT_ONCE)

    # Logging in

    async def authenticated(self, email: str, password: str) -> Account:
        """The account that these credentials are for. Raises WrongCredentials, in the same time whatever is wrong."""
        async with connected(self._pool) as connection:
            account = await self._rows.by_email(connection, email)
        usable = account if account is not None and account.is_active else None
        matches = await self._passwords.matches(usable.password_hash if usable else None, password)
        if usable is None or not matches:
            raise WrongCredentials
        return usable

    async def sign_in(self, user_id: UserId) -> Tokens:
        """Tokens of a new family."""
        return self._tokens(user_id, await self._refresh.start(user_id))

    async def refresh(self, refresh_token: str) -> Tokens:
        """The next tokens of a family. Raises RefreshTokenInvalid; a token used before revokes its family."""
        return self._tokens(*await self._refresh.rotate(refresh_token))

    async def sign_out(self, refresh_token: str) -> None:
        """Revokes the token's family."""
        await self._refresh.revoke(refresh_token)

    def _tokens(self, user_id: UserId, refresh_token: str) -> Tokens:
        return Tokens(user_id, self._signing.token_for(user_id), refresh_token, self._signing.lifetime_seconds)

    def token_of_agent(self, agent_id: UserId) -> AgentToken:
        """An access token; with its key the agent gets the next one."""
        token = self._signing.token_for(agent_id, is_agent=True)
        return AgentToken(agent_id, token, self._signing.lifetime_seconds)

    @property
    def _signing(self) -> AccessTokens:
        if self._access is None:
            raise RuntimeError("these accounts were made without a key to sign tokens")
        return self._access

    # Looking

    async def account_of(self, user_id: UserId) -> Account:
        """The account of this user. Raises AccountUnknown."""
        async with connected(self._pool) as connection:
            account = await self._rows.by_id(connection, user_id)
        if account is None:
            raise AccountUnknown
        return account

    async def unknown_among(self, user_ids: Sequence[UserId], kinds: Sequence[UserKind] = EVERYBODY) -> list[UserId]:
        """Those that are no active account of these kinds, in the order given."""
        async with connected(self._pool) as connection:
            active = await self._rows.active_among(connection, user_ids, kinds)
        return [user_id for user_id in dict.fromkeys(user_ids) if user_id not in active]

    # Importing

    async def missing_among(self, user_ids: Sequence[UserId]) -> list[UserId]:
        """Those who never had an account, in the order given: whoever has left had one when they said what they did."""
        async with connected(self._pool) as connection:
            there = await self._rows.there_among(connection, user_ids)
        return [user_id for user_id in dict.fromkeys(user_ids) if user_id not in there]

    async def imported(self, user_id: UserId, wanted_name: str) -> str:
        """The username of somebody who is only named in an archive: the same each time, made the first time."""
        async with connected(self._pool) as connection:
            known = await self._rows.by_id(connection, user_id)
            for username in () if known else usernames_for(wanted_name, user_id):
                values = (user_id, username, None, None, wanted_name, Registration.IMPORTED)
                known = await self._rows.insert(connection, *values) or await self._rows.by_id(connection, user_id)
                if known:
                    break
        if known is None:
            raise UsernameTaken
        return known.username

    async def claim(self, user_id: UserId, email: str, password: str) -> None:
        """Makes it possible to log in to an imported account. Raises AccountUnknown, AccountHasOwner or EmailTaken."""
        password_hash = await self._passwords.hash(password)
        account = await self.account_of(user_id)
        if not account.is_active:
            raise AccountUnknown
        try:
            async with connected(self._pool) as connection:
                claimed = await self._rows.claim(connection, account.user_id, email, password_hash)
        except asyncpg.UniqueViolationError:
            raise EmailTaken from None
        if not claimed:
            raise AccountHasOwner
