"""Has recorded what was begun with an account: accounts and the log are two places, and what cannot be recorded is
taken back."""

import asyncio
from contextlib import suppress
from typing import Protocol

from services.command.asking import dispatched, in_time
from services.command.dispatching import Accepted, Doors, Refused, Submission
from shared.identifiers import UserId
from shared.web.problems import OutcomeUnknown, Unavailable

TAKE_BACK_SECONDS = 0.25
"""Where the deadline is over by then: as much longer may it take to say for certain that nothing is left."""


class Begun(Protocol):
    """Where it was begun: `Accounts` an account, `Deactivations` its end. What is asked of it raises Unavailable."""

    async def take_back(self, user_id: UserId) -> bool:
        """Undoes it, unless somebody counts on it. Tells whether it did."""

    async def recorded(self, user_id: UserId) -> None:
        """Its event is in the log."""


async def record(submission: Submission, user_id: UserId, begun: Begun, doors: Doors, *, begun_now: bool) -> Accepted:
    """Has the event recorded, by the submission's deadline. `begun_now`: by this request, and by no earlier one.

    Raises Unavailable or Refused only when nothing is left of what was begun, else OutcomeUnknown.
    """
    try:
        accepted = await dispatched(doors, submission)
    except (Unavailable, Refused):
        if begun_now and await _taken_back(user_id, begun, submission.deadline):
            raise
        raise OutcomeUnknown from None
    with suppress(Unavailable):  # it is in the log: whoever looks for what is unfinished finds that out
        await in_time(begun.recorded(user_id), submission.deadline)
    return accepted


async def _taken_back(user_id: UserId, begun: Begun, deadline: float | None) -> bool:
    if deadline is not None:
        deadline = max(deadline, asyncio.get_running_loop().time() + TAKE_BACK_SECONDS)
    with suppress(Unavailable):
        return await in_time(begun.take_back(user_id), deadline)
    return False
