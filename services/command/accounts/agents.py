"""What can be done with agents' accounts: each belongs to whoever made it, and has at most one key."""

from services.command.accounts.account import Account, WantedAgent
from services.command.accounts.agent_keys import AgentKey
from services.command.accounts.refusals import AgentKeyInvalid, NoSuchAgent, UsernameTaken
from services.command.accounts.rows import AccountRows
from services.command.dispatching import KeyUsedForOther, Refused
from shared.identifiers import UserId
from shared.postgres import Pool, connected
from shared.web.problems import OutcomeUnknown


class Agents:
    """Agents' accounts in Postgres. Everything here raises Unavailable when it is away."""

    def __init__(self, pool: Pool, rows: AccountRows) -> None:
        self._pool = pool
        self._rows = rows

    async def begin(self, wanted: WantedAgent) -> tuple[Account, AgentKey | None]:
        """Makes the account and its key; or finds the one that the same request made before, and gives no key.

        Raises UsernameTaken, Refused(KeyUsedForOther), or OutcomeUnknown when it may have been made.
        """
        key = AgentKey.new(wanted.user_id)
        async with connected(self._pool, meanwhile=OutcomeUnknown) as connection:
            made = await self._rows.insert_agent(connection, wanted, key.hash)
            if made is not None:
                return made, key
            known = await self._rows.by_id(connection, wanted.user_id)
            if known is None:
                raise UsernameTaken
            await self._rows.take_up(connection, wanted.user_id)
        if (known.username, known.display_name) != (wanted.username, wanted.display_name):
            raise Refused(KeyUsedForOther())
        return known, None

    async def with_key(self, key_text: str) -> Account:
        """The agent that this key lets in. Raises AgentKeyInvalid."""
        key = AgentKey.read(key_text)
        async with connected(self._pool) as connection:
            agent = await self._rows.agent_with_key(connection, key.agent_id, key.hash)
        if agent is None:
            raise AgentKeyInvalid
        return agent

    async def new_key(self, agent_id: UserId, owner_id: UserId) -> AgentKey:
        """A key in place of whatever the agent had. Raises NoSuchAgent, or OutcomeUnknown when it may be replaced."""
        key = AgentKey.new(agent_id)
        await self._set_key(agent_id, owner_id, key.hash)
        return key

    async def revoke_key(self, agent_id: UserId, owner_id: UserId) -> None:
        """No key lets the agent in any more. Raises NoSuchAgent, or OutcomeUnknown when that may be so."""
        await self._set_key(agent_id, owner_id, None)

    async def active_of(self, owner_id: UserId) -> list[UserId]:
        """The agents of this owner's that have not left."""
        async with connected(self._pool) as connection:
            return await self._rows.active_agents_of(connection, owner_id)

    async def _set_key(self, agent_id: UserId, owner_id: UserId, key_hash: bytes | None) -> None:
        async with connected(self._pool, meanwhile=OutcomeUnknown) as connection:
            if not await self._rows.set_key(connection, agent_id, owner_id, key_hash):
                raise NoSuchAgent
