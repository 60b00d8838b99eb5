"""Has each line of an import recorded: people, then conversations, then messages in their order, then reactions."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.command.asking import Parts, fingerprint_of
from services.command.dispatching import Accepted, Refused, Submission
from services.command.features.conversations.starting import StartConversation
from services.command.features.importing.answers import Answer, accepted, failed, refused_as
from services.command.features.importing.lines import ConversationLine, Line, MessageLine, PersonLine, ReactionLine
from services.command.features.importing.refusals import ActorIsUnknown
from services.command.features.messages.reacting import ImportReaction
from services.command.features.messages.refusals import EarlierIsMissing, RepliedToIsMissing
from services.command.features.messages.sending import ImportMessage
from services.command.features.people.decider import RegisterUser
from shared.identifiers import CommandId, ConversationId, MessageId, UserId, command_id_of
from shared.web.problems import Problem

CAUSE = "import"
ACCOUNTS_AT_ONCE = 8
NOT_YET = Answer("unavailable", reason="something before it in its conversation was not recorded yet")
AGAIN = frozenset({"unavailable", "unknown"})

L = TypeVar("L", PersonLine, ConversationLine, MessageLine, ReactionLine)
R = TypeVar("R", MessageLine, ReactionLine)


async def record(lines: Sequence[Line | Answer], parts: Parts) -> list[Answer]:
    """An answer for each line, in their order; those that are answered already keep their answer."""
    answers = {number: line for number, line in enumerate(lines) if isinstance(line, Answer)}
    people = _numbered(lines, PersonLine)
    answers |= await _each(people, _few_at_once(lambda line: _person(line, parts)))
    conversations = _numbered(lines, ConversationLine)
    messages = _numbered(lines, MessageLine)
    reactions = _numbered(lines, ReactionLine)
    unknown = await _unknown_actors([*conversations.values(), *messages.values(), *reactions.values()], parts)
    answers |= await _each(conversations, lambda line: _conversation(line, parts, unknown))
    answers |= await _messages(messages, parts, unknown, _not_started(conversations, answers))
    answers |= await _reactions(reactions, parts, unknown, _not_sent(messages, answers))
    return [answers[number] for number in range(len(lines))]


def _numbered(lines: Sequence[Line | Answer], kind: type[L]) -> dict[int, L]:
    return {number: line for number, line in enumerate(lines) if isinstance(line, kind)}


async def _each(lines: dict[int, L], do: Callable[[L], Coroutine[Any, Any, Answer]]) -> dict[int, Answer]:
    """Does it for all lines at the same time, beginning in their order."""
    return dict(zip(lines, await asyncio.gather(*(do(line) for line in lines.values())), strict=True))


def _few_at_once(do: Callable[[L], Coroutine[Any, Any, Answer]]) -> Callable[[L], Coroutine[Any, Any, Answer]]:
    """The same, leaving most of the pool's connections to others."""
    places = asyncio.Semaphore(ACCOUNTS_AT_ONCE)

    async def in_turn(line: L) -> Answer:
        async with places:
            return await do(line)

    return in_turn


async def _unknown_actors(
    lines: Iterable[ConversationLine | MessageLine | ReactionLine], parts: Parts
) -> frozenset[UserId]:
    actors = sorted({line.actor for line in lines})
    return frozenset(await parts.accounts.missing_among(actors)) if actors else frozenset()


async def _person(line: PersonLine, parts: Parts) -> Answer:
    """An account that nobody can log in to, then the event. One that is there keeps the name it has."""
    try:
        username = await parts.accounts.imported(line.user_id, line.name)
    except Problem as problem:
        return failed(problem)
    command = RegisterUser(line.user_id, username, line.name)
    identity = fingerprint_of(CAUSE, line.kind, line.source, line.source_id)
    return await _dispatch(Submission(command, CommandId(line.user_id), line.user_id, identity, CAUSE), parts)


async def _conversation(line: ConversationLine, parts: Parts, unknown: frozenset[UserId]) -> Answer:
    """A group of who started it; the others join when they first speak. One that is there keeps the title it has."""
    if line.actor in unknown:
        return refused_as(ActorIsUnknown)
    command = StartConversation(line.conversation_id, "group", (), line.title, occurred_at=line.occurred_at)
    identity = fingerprint_of(CAUSE, line.kind, line.source, line.source_id)
    return await _dispatch(Submission(command, CommandId(line.conversation_id), line.actor, identity, CAUSE), parts)


def _not_started(lines: dict[int, ConversationLine], answers: dict[int, Answer]) -> frozenset[ConversationId]:
    """The conversations that may yet be started: what is said in them must wait."""
    return frozenset(line.conversation_id for number, line in lines.items() if answers[number].outcome in AGAIN)


async def _messages(
    lines: dict[int, MessageLine], parts: Parts, unknown: frozenset[UserId], not_started: frozenset[ConversationId]
) -> dict[int, Answer]:
    """All of them at the same time: those of one conversation meet the same queue, in which they stay in order.

    Each names the one before it, without which the writer refuses it: so whatever fails on the way, nothing of a
    conversation is recorded before what comes earlier.
    """
    answers = _held_back(lines, unknown, lambda line: line.conversation_id in not_started)
    sent: dict[int, _Sent] = {}
    last: dict[ConversationId, MessageId] = {}
    for number, line in lines.items():
        if number not in answers:
            policy_version = parts.flag_policy.version_matched_by(line.content)
            sent[number] = _Sent(line, last.get(line.conversation_id), policy_version)
            last[line.conversation_id] = line.message_id
    answers |= await _dispatch_all(
        {number: each.submission(each.line.reply_to_id) for number, each in sent.items()}, parts
    )
    missing = [number for number in sent if answers[number].code == RepliedToIsMissing.code]
    without = {number: sent[number].submission(None) for number in missing}
    return answers | await _dispatch_all(without, parts, left_out=RepliedToIsMissing)


def _held_back(lines: dict[int, R], unknown: frozenset[UserId], must_wait: Callable[[R], bool]) -> dict[int, Answer]:
    """The answers of those that nobody is asked for: who did it is unknown, or what it belongs to is not there yet."""
    waiting = {number: NOT_YET for number, line in lines.items() if must_wait(line)}
    return waiting | {number: refused_as(ActorIsUnknown) for number, line in lines.items() if line.actor in unknown}


def _not_sent(lines: dict[int, MessageLine], answers: dict[int, Answer]) -> frozenset[MessageId]:
    """The messages that may yet be sent: what reacts to them must wait."""
    return frozenset(line.message_id for number, line in lines.items() if answers[number].outcome in AGAIN)


async def _reactions(
    lines: dict[int, ReactionLine], parts: Parts, unknown: frozenset[UserId], not_sent: frozenset[MessageId]
) -> dict[int, Answer]:
    """All of them at the same time, those to one message in their order."""
    answers = _held_back(lines, unknown, lambda line: line.message_id in not_sent)
    submissions = {number: _reaction(line) for number, line in lines.items() if number not in answers}
    return answers | await _dispatch_all(submissions, parts)


def _reaction(line: ReactionLine) -> Submission:
    """Its id says who reacted to what, and how: with a later export another reaction takes the place of this one."""
    command = ImportReaction(line.conversation_id, line.message_id, line.reaction, line.occurred_at)
    command_id = command_id_of(line.conversation_id, line.actor, CAUSE, f"{line.message_id} {line.reaction}")
    return Submission(command, command_id, line.actor, fingerprint_of(CAUSE, line.kind), CAUSE)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message's line, the message that must be there before it, and which word list its text has a word of."""

    line: MessageLine
    earlier_id: MessageId | None
    policy_version: str | None

    def submission(self, reply_to_id: MessageId | None) -> Submission:
        line = self.line
        command = ImportMessage(
            line.conversation_id,
            line.content,
            line.message_id,
            line.occurred_at,
            reply_to_id,
            self.earlier_id,
            line.edited_at,
            self.policy_version,
            line.content_type,
            [each.as_attached(place) for place, each in enumerate(line.attachments)],
        )
        fingerprint = fingerprint_of(CAUSE, line.identity)
        return Submission(command, CommandId(line.message_id), line.actor, fingerprint, CAUSE)


async def _dispatch_all(
    submissions: dict[int, Submission], parts: Parts, *, left_out: type[RepliedToIsMissing] | None = None
) -> dict[int, Answer]:
    answers = await parts.doors.dispatch_all(submissions.values())
    return {number: _answer(answer, left_out) for number, answer in zip(submissions, answers, strict=True)}


def _answer(answer: Accepted | Problem, left_out: type[RepliedToIsMissing] | None = None) -> Answer:
    if isinstance(answer, Accepted):
        return accepted(answer, left_out)
    if isinstance(answer, Refused) and isinstance(answer.refusal, EarlierIsMissing):
        return NOT_YET
    return failed(answer)


async def _dispatch(submission: Submission, parts: Parts) -> Answer:
    try:
        return _answer(await parts.doors.dispatch(submission))
    except Problem as problem:
        return _answer(problem)
