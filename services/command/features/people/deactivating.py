"""Ends an account and has its end recorded, in two places: what stops between them is finished, or taken back."""

import asyncio

import structlog

from services.command.accounts.accounts import Accounts
from services.command.asking import fingerprint_of
from services.command.dispatching import Accepted, Doors, Submission
from services.command.features.people.decider import DeactivateUser
from services.command.features.people.recording import record
from shared.identifiers import UserId, command_id_of
from shared.web.problems import Problem

DEACTIVATE = "DELETE /v1/me"
LOOK_SECONDS = 1.0
log = structlog.get_logger()


async def deactivate(user_id: UserId, accounts: Accounts, doors: Doors, deadline: float | None = None) -> Accepted:
    """Closes the account and has that recorded; a repeat gets the first answer.

    Raises AccountUnknown, Unavailable or Refused only when the account is as it was, else OutcomeUnknown.
    """
    closed_now = await accounts.deactivations.begin(user_id)
    return await record(_submission(user_id, deadline), user_id, accounts.deactivations, doors, begun_now=closed_now)


async def follow_deactivations(accounts: Accounts, doors: Doors) -> None:
    """Learns until cancelled whom other processes have let leave, and finishes what was left half done."""
    async with asyncio.TaskGroup() as both:  # a fault in one ends the other too: neither is left running alone
        both.create_task(_look(accounts))
        both.create_task(_finish(accounts, doors))


async def _look(accounts: Accounts) -> None:
    while True:
        try:
            await accounts.deactivations.look()
        except Problem as problem:
            log.debug("deactivations cannot be followed right now", code=problem.code)
        await asyncio.sleep(LOOK_SECONDS)


async def _finish(accounts: Accounts, doors: Doors) -> None:
    while True:
        try:
            unfinished = await accounts.deactivations.unfinished()
        except Problem:
            unfinished = []
        for user_id in unfinished:
            try:
                await deactivate(user_id, accounts, doors)
            except Problem as problem:  # the others' streams may well be served
                log.debug("a deactivation cannot be finished right now", user_id=user_id, code=problem.code)
            else:
                log.info("a deactivation was finished", user_id=user_id)
        await asyncio.sleep(LOOK_SECONDS)


def _submission(user_id: UserId, deadline: float | None) -> Submission:
    """The same for every try, whoever makes it and under whatever key: one leaves once."""
    return Submission(
        DeactivateUser(user_id),
        command_id_of(user_id, user_id, DEACTIVATE, "deactivation"),
        user_id,
        fingerprint_of(DEACTIVATE),
        deadline=deadline,
    )
