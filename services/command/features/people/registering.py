"""Makes an account and its event, which live in two places: whatever stops between them is finished or taken back."""

import asyncio
from contextlib import suppress

import structlog

from services.command.accounts.account import Account, Registration, Wanted
from services.command.accounts.accounts import Accounts
from services.command.asking import dispatched, fingerprint_of
from services.command.dispatching import Accepted, Doors, Submission
from services.command.features.people.decider import RegisterUser
from shared.identifiers import UserId, command_id_of, derived_id
from shared.web.problems import OutcomeUnknown, Problem, Unavailable

REGISTER = "POST /v1/auth/register"
PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
log = structlog.get_logger()


def user_id_of(key: str) -> UserId:
    """The id of whoever registers with this key: a repeat meets the same account."""
    return UserId(derived_id("user", key))


async def register(wanted: Wanted, accounts: Accounts, doors: Doors, deadline: float | None) -> Accepted:
    """Makes the account and has its event recorded; a repeat gets the first answer.

    Raises what `Accounts.begin` does, Unavailable only when nothing is left of it, else OutcomeUnknown.
    """
    account, made_now = await accounts.begin(wanted)
    try:
        accepted = await dispatched(doors, _submission(account, deadline))
    except Unavailable:
        if made_now and await _taken_back(account, accounts):
            raise
        raise OutcomeUnknown from None
    with suppress(Unavailable):  # it is in the log; the next start or log-in finds that out
        await accounts.recorded(account.user_id)
    return accepted


async def _taken_back(account: Account, accounts: Accounts) -> bool:
    with suppress(Unavailable):
        return await accounts.take_back(account.user_id)
    return False


async def finish(account: Account, accounts: Accounts, doors: Doors, deadline: float | None = None) -> None:
    """Has the event of an account recorded, if it is not. Raises Unavailable or OutcomeUnknown."""
    if account.registration is Registration.RECORDED:
        return
    await accounts.take_up(account.user_id)
    await dispatched(doors, _submission(account, deadline))
    await accounts.recorded(account.user_id)


async def finish_all(accounts: Accounts, doors: Doors) -> None:
    """Finishes what the last run left half done; returns when nothing is left. Asks again while that cannot be done."""
    pause = PAUSE_SECONDS
    while True:
        try:
            unfinished = await accounts.unfinished()
            for account in unfinished:
                await finish(account, accounts, doors)
        except Problem as problem:
            log.debug("registrations cannot be finished yet", code=problem.code)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        else:
            if not unfinished:
                return
            log.info("registrations finished", accounts=len(unfinished))


def _submission(account: Account, deadline: float | None) -> Submission:
    """The same for every try, whoever makes it. Its fingerprint is public, and so holds no email and no password."""
    command = RegisterUser(account.user_id, account.username, account.display_name)
    return Submission(
        command,
        command_id_of(account.user_id, account.user_id, REGISTER, "registration"),
        account.user_id,
        fingerprint_of(REGISTER, account.username, account.display_name),
        deadline=deadline,
    )
