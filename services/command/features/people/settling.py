"""What follows elsewhere when somebody has left for good: their agents leave too, they themselves are in no group any
more, and their last seen is forgotten.

It takes place behind the answer, and as often as it takes: done again it changes nothing.
"""

import asyncio
from collections.abc import Iterator, Sequence

import structlog

from services.command.accounts.accounts import Accounts
from services.command.asking import fingerprint_of
from services.command.dispatching import Refused, Submission, WideDoors
from services.command.features.conversations.conversation import PARTICIPANT
from services.command.features.conversations.decider import RemoveParticipant
from services.command.features.people.deactivating import DEACTIVATE, deactivate
from services.command.presence import Presence
from services.command.writing.finding import Finder
from shared.identifiers import ConversationId, StreamKind, UserId, command_id_of
from shared.web.problems import Problem

CAUSE = "deactivation"
LOOK_SECONDS = 1.0
LEFT_AT_ONCE = 100
log = structlog.get_logger()


async def follow_unsettled(accounts: Accounts, doors: WideDoors, finder: Finder, presence: Presence) -> None:
    """Sees to whoever has left, until cancelled: at once, and once more when nothing can come behind it any more."""
    seen_to: set[UserId] = set()
    while True:
        try:
            unsettled = await accounts.deactivations.unsettled()
        except Problem:
            unsettled = {}
        for user_id, for_good in unsettled.items():
            if for_good or user_id not in seen_to:
                try:
                    await close_agents(user_id, accounts, doors)
                    await settle(user_id, doors, finder, presence)
                    if for_good:
                        await accounts.deactivations.settled(user_id)
                except Problem as problem:  # the others' streams may well be served
                    log.debug("what follows from a deactivation waits", user_id=user_id, code=problem.code)
                else:
                    seen_to.add(user_id)
        seen_to &= unsettled.keys()
        await asyncio.sleep(LOOK_SECONDS)


async def close_agents(owner_id: UserId, accounts: Accounts, doors: WideDoors) -> None:
    """Has their agents leave for good: nobody could give one a key any more. Each is settled in its turn.

    Raises whatever `deactivate` raises.
    """
    for agent_id in await accounts.agents.active_of(owner_id):
        await deactivate(agent_id, accounts, doors)


async def settle(user_id: UserId, doors: WideDoors, finder: Finder, presence: Presence) -> None:
    """Has them leave every conversation that can be left, and their last seen forgotten.

    Raises Unavailable or OutcomeUnknown when something may be left to do.
    """
    found = await finder.streams_with(StreamKind.CONVERSATIONS, PARTICIPANT, user_id)
    for some in _few_at_once([ConversationId(each) for each in found]):
        for answer in await doors.dispatch_all([_leaving(each, user_id) for each in some]):
            if isinstance(answer, Problem) and not isinstance(
                answer, Refused
            ):  # refused: it has two people, or is gone
                raise answer
    await presence.forget(user_id)


def _few_at_once(conversation_ids: Sequence[ConversationId]) -> Iterator[Sequence[ConversationId]]:
    for start in range(0, len(conversation_ids), LEFT_AT_ONCE):
        yield conversation_ids[start : start + LEFT_AT_ONCE]


def _leaving(conversation_id: ConversationId, user_id: UserId) -> Submission:
    """The same for every try: whoever leaves for good leaves a conversation once."""
    return Submission(
        RemoveParticipant(conversation_id, user_id),
        command_id_of(conversation_id, user_id, DEACTIVATE, "leaving"),
        user_id,
        fingerprint_of(DEACTIVATE),
        CAUSE,
    )
