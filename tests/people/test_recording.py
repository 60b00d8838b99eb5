"""What is begun with an account and cannot be recorded is taken back, unless it may be in the log, or be counted on."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from services.command.dispatching import Accepted, Refused, Submission
from services.command.features.people.decider import DeactivateUser, UserIsUnknown
from services.command.features.people.recording import record
from shared.identifiers import CommandId, UserId
from shared.web.problems import OutcomeUnknown, Problem, Unavailable
from tests.conversations.examples import ANN

LEAVES = Submission(DeactivateUser(ANN), CommandId("leaving"), ANN, "")
IN_THE_LOG = Accepted(CommandId("leaving"), "u0-7", {}, appended=True)
MAY_BE_THERE, IS_NOT_THERE, IS_REFUSED = OutcomeUnknown(), Unavailable(), Refused(UserIsUnknown())
POSTGRES_IS_AWAY = Unavailable("Postgres is away")


@dataclass(frozen=True)
class Answering:
    """Doors behind which every command has one answer."""

    answer: Accepted | Problem

    async def dispatch(self, _: Submission) -> Accepted:
        if isinstance(self.answer, Problem):
            raise self.answer
        return self.answer


@dataclass
class Account:
    """What was begun with one account. `taken_back`: what asking for that gives, an event: it waits for that."""

    taken_back: bool | Problem | asyncio.Event = True
    state: str = "begun"
    noted: Problem | asyncio.Event | None = None

    async def take_back(self, _: UserId) -> bool:
        if isinstance(self.taken_back, Problem):
            raise self.taken_back
        if isinstance(self.taken_back, asyncio.Event):
            return await self.taken_back.wait()
        self.state = "taken back" if self.taken_back else self.state
        return self.taken_back

    async def recorded(self, _: UserId) -> None:
        if isinstance(self.noted, Problem):
            raise self.noted
        if self.noted is not None:
            await self.noted.wait()
        self.state = "recorded"


def _doors(answer: Accepted | Problem) -> Any:
    return Answering(answer)


async def recorded(answer: Accepted | Problem, account: Account, *, begun_now: bool = True) -> Accepted:
    return await record(LEAVES, ANN, account, _doors(answer), begun_now=begun_now)


async def test_what_is_in_the_log_is_noted() -> None:
    account = Account()

    assert await recorded(IN_THE_LOG, account) == IN_THE_LOG
    assert account.state == "recorded"


@pytest.mark.parametrize("answer", [IS_NOT_THERE, IS_REFUSED])
async def test_what_cannot_be_recorded_is_taken_back_and_told_as_it_is(answer: Problem) -> None:
    account = Account()

    with pytest.raises(type(answer)):
        await recorded(answer, account)
    assert account.state == "taken back"


@pytest.mark.parametrize(
    ("answer", "account", "begun_now"),
    [
        (MAY_BE_THERE, Account(), True),
        (IS_NOT_THERE, Account(), False),
        (IS_REFUSED, Account(), False),
        (IS_NOT_THERE, Account(taken_back=False), True),
        (IS_NOT_THERE, Account(taken_back=POSTGRES_IS_AWAY), True),
    ],
    ids=["it may be in the log", "an earlier request began it", "refused to a repeat", "it is counted on", "away"],
)
async def test_what_may_stay_is_left_as_it_is_and_nothing_is_said_for_certain(
    answer: Problem, account: Account, *, begun_now: bool
) -> None:
    with pytest.raises(OutcomeUnknown):
        await recorded(answer, account, begun_now=begun_now)
    assert account.state == "begun"


@pytest.mark.parametrize("noted", [POSTGRES_IS_AWAY, asyncio.Event()], ids=["away", "silent"])
async def test_what_is_in_the_log_is_answered_by_the_deadline_whether_it_could_be_noted_or_not(
    noted: Problem | asyncio.Event,
) -> None:
    by_now = replace(LEAVES, deadline=asyncio.get_running_loop().time())

    async with asyncio.timeout(10):
        answer = await record(by_now, ANN, Account(noted=noted), _doors(IN_THE_LOG), begun_now=True)

    assert answer == IN_THE_LOG


async def test_whoever_waits_is_told_at_the_deadline_that_it_may_not_have_been_taken_back() -> None:
    account, doors = Account(taken_back=asyncio.Event()), _doors(IS_NOT_THERE)
    by_now = replace(LEAVES, deadline=asyncio.get_running_loop().time())

    async with asyncio.timeout(10):
        with pytest.raises(OutcomeUnknown):
            await record(by_now, ANN, account, doors, begun_now=True)


async def test_what_can_be_taken_back_at_once_is_taken_back_although_the_deadline_is_over() -> None:
    account, doors = Account(), _doors(IS_NOT_THERE)
    by_now = replace(LEAVES, deadline=asyncio.get_running_loop().time())

    with pytest.raises(Unavailable):
        await record(by_now, ANN, account, doors, begun_now=True)
    assert account.state == "taken back"
