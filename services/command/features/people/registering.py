"""Makes an account and its event, which live in two places: whatever stops between them is finished or taken back."""

import asyncio

import structlog

from services.command.accounts.account import Account, Registration, Wanted, WantedAgent
from services.command.accounts.accounts import Accounts
from services.command.accounts.agent_keys import AgentKey
from services.command.asking import dispatched, fingerprint_of
from services.command.dispatching import Accepted, Doors, Submission
from services.command.features.people.decider import RegisterUser
from services.command.features.people.recording import record
from shared.identifiers import UserId, command_id_of, derived_id
from shared.web.problems import Problem

REGISTER = "POST /v1/auth/register"
MAKE_AGENT = "POST /v1/agents"
PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
log = structlog.get_logger()


def user_id_of(key: str) -> UserId:
    """The id of whoever registers with this key: a repeat meets the same account."""
    return UserId(derived_id("user", key))


def agent_id_of(owner_id: UserId, key: str) -> UserId:
    """The id of the agent that this owner makes with this key."""
    return UserId(derived_id("agent", owner_id, key))


async def register(wanted: Wanted, accounts: Accounts, doors: Doors, deadline: float | None) -> Accepted:
    """Makes the account and has its event recorded; a repeat gets the first answer.

    Raises what `Accounts.begin` does, Unavailable only when nothing is left of it, else OutcomeUnknown.
    """
    account, made_now = await accounts.begin(wanted)
    return await record(_submission(account, deadline), account.user_id, accounts, doors, begun_now=made_now)


async def make_agent(
    wanted: WantedAgent, accounts: Accounts, doors: Doors, deadline: float | None
) -> tuple[Accepted, AgentKey | None]:
    """Makes an agent's account and has its event recorded; a repeat gets the first answer, but no key.

    Raises what `Agents.begin` does, Unavailable only when nothing is left of it, else OutcomeUnknown.
    """
    account, key = await accounts.agents.begin(wanted)
    made_now = key is not None
    return await record(_submission(account, deadline), account.user_id, accounts, doors, begun_now=made_now), key


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
    """The same for every try, whoever makes it; of an agent its owner is the actor.

    Its fingerprint is public, and so holds no email and no password.
    """
    actor, route = (account.user_id, REGISTER) if account.owner_id is None else (account.owner_id, MAKE_AGENT)
    return Submission(
        RegisterUser(account.user_id, account.username, account.display_name, account.kind),
        command_id_of(account.user_id, actor, route, "registration"),
        actor,
        fingerprint_of(route, account.username, account.display_name),
        deadline=deadline,
    )
