"""How an account is closed for good, and who has left: known here without a query a request."""

from services.command.accounts.account import Deactivation
from services.command.accounts.refusals import AccountUnknown, UserDeactivated
from services.command.accounts.rows import AccountRows
from shared.identifiers import UserId
from shared.postgres import Pool, connected
from shared.web.problems import OutcomeUnknown, Unavailable

UNFINISHED_AT_ONCE = 100
HALF_DONE_SECONDS = 30.0
"""A request that is at it would have answered by then."""
SETTLING_SECONDS = 15.0
"""By then every command service knows who has left, and has answered whatever was asked before it knew."""
TOKEN_MARGIN_SECONDS = 60.0
"""A token may be given out a little after the account was closed, by who had looked before."""


class LeftUsers:
    """Who has left while an access token of theirs may be good. Before it was first told, nobody is let through."""

    def __init__(self) -> None:
        self._user_ids: set[UserId] | None = None
        self._meanwhile: dict[UserId, bool] = {}

    def refuse(self, user_id: UserId) -> None:
        """Raises UserDeactivated for who has left, and Unavailable while that is not known."""
        if self._user_ids is None:
            raise Unavailable("it is not known yet who has left")
        if user_id in self._user_ids:
            raise UserDeactivated

    def has(self, user_id: UserId) -> bool:
        """Whether it is known that they have left."""
        return self._user_ids is not None and user_id in self._user_ids

    def add(self, user_id: UserId) -> None:
        """This process has closed their account."""
        self._meanwhile[user_id] = True
        if self._user_ids is not None:
            self._user_ids.add(user_id)

    def discard(self, user_id: UserId) -> None:
        """This process has opened it again."""
        self._meanwhile[user_id] = False
        if self._user_ids is not None:
            self._user_ids.discard(user_id)

    def begin_to_look(self) -> None:
        """Everybody is asked for from here on; what changes before they are told, they may not show."""
        self._meanwhile.clear()

    def replace(self, user_ids: set[UserId]) -> None:
        """Everybody there is, as somebody saw it since `begin_to_look`, and what this process has done since then."""
        added = {user_id for user_id, has_left in self._meanwhile.items() if has_left}
        self._user_ids = (user_ids | added) - (self._meanwhile.keys() - added)


class Deactivations:
    """Accounts that end, in Postgres. What is asked of it, but for `refuse`, raises Unavailable when that is away."""

    def __init__(self, pool: Pool, rows: AccountRows, access_token_seconds: int) -> None:
        self._pool = pool
        self._rows = rows
        self._token_seconds = access_token_seconds + TOKEN_MARGIN_SECONDS
        self._left = LeftUsers()

    def refuse(self, user_id: UserId) -> None:
        """Raises UserDeactivated for who has left: at once by this process, or by another when that was looked up.

        Raises Unavailable until that was done for the first time.
        """
        self._left.refuse(user_id)

    def has_left(self, user_id: UserId) -> bool:
        """Whether it is known here that they have left: of those, at least, whose access tokens may be good."""
        return self._left.has(user_id)

    async def begin(self, user_id: UserId) -> bool:
        """Closes the account: nobody logs in to it from here on, and its tokens are refused. True, if closed now.

        Raises AccountUnknown, or OutcomeUnknown when it may have been closed.
        """
        async with connected(self._pool, meanwhile=OutcomeUnknown) as connection:
            deactivation = await self._rows.begin_deactivation(connection, user_id)
        if deactivation is None:
            raise AccountUnknown
        self._left.add(user_id)
        return deactivation is Deactivation.BEGUN

    async def take_back(self, user_id: UserId) -> bool:
        """Opens an account whose end was not recorded, unless somebody counts on it. Tells whether it did."""
        async with connected(self._pool) as connection:
            is_open = await self._rows.take_back_deactivation(connection, user_id)
        if is_open:
            self._left.discard(user_id)
        return is_open

    async def recorded(self, user_id: UserId) -> None:
        """The account's end is in the log: credentials, refresh tokens and the keys of its agents go."""
        async with connected(self._pool) as connection:
            await self._rows.deactivation_recorded(connection, user_id)

    async def unfinished(self) -> list[UserId]:
        """Some of those whose account was closed a while ago, of whom it is not known that its end is recorded."""
        async with connected(self._pool) as connection:
            return await self._rows.unfinished_deactivations(connection, HALF_DONE_SECONDS, UNFINISHED_AT_ONCE)

    async def unsettled(self) -> dict[UserId, bool]:
        """Some of those who have left and of whom it is not known that it was seen to elsewhere.

        Of each, whether that is for good: nothing that others began before they left is under way any more.
        """
        async with connected(self._pool) as connection:
            return await self._rows.unsettled_deactivations(connection, SETTLING_SECONDS, UNFINISHED_AT_ONCE)

    async def settled(self, user_id: UserId) -> None:
        """What follows elsewhere from their leaving has been seen to, for good."""
        async with connected(self._pool) as connection:
            await self._rows.deactivation_settled(connection, user_id)

    async def look(self) -> None:
        """Learns whose accounts other processes have closed, as far as access tokens to them may be good."""
        self._left.begin_to_look()
        async with connected(self._pool) as connection:
            user_ids = await self._rows.deactivated_within(connection, self._token_seconds)
        self._left.replace(user_ids)
