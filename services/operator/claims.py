"""What a claim of an imported account must say, by the same limits as a registration."""

from services.command.accounts import Accounts
from services.command.features.people.bodies import Email, NewPassword
from shared.identifiers import UserId
from shared.postgres import open_pool
from shared.settings import Settings
from shared.web.fields import Sent


class Claim(Sent):
    """With what the person will log in."""

    email: Email
    password: NewPassword


async def grant(settings: Settings, user_id: UserId, claim: Claim) -> None:
    """Makes it possible to log in to the account. Raises AccountUnknown, AccountHasOwner, EmailTaken or Unavailable."""
    pool = await open_pool(settings)
    accounts = Accounts(settings, pool)
    try:
        await accounts.claim(user_id, claim.email, claim.password)
    finally:
        accounts.close()
        await pool.close()
