"""Starting a conversation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Need, Refusal, Unchanged
from services.command.features.conversations.conversation import CONVERSATION, OfConversation, needs_participant
from services.command.features.conversations.refusals import (
    AGENT_TITLE_LIMIT,
    GROUP_TITLE_LIMIT,
    AgentIsUnknown,
    DirectHasNoTitle,
    DirectWithOneself,
    GroupOfOne,
    NothingHere,
    PeopleAreUnknown,
    TitleIsMissing,
    TitleIsTooLong,
)
from shared.events.conversations import ConversationKind, ConversationStarted
from shared.events.message_requests import MessageRequested
from shared.events.people import ContactPolicy
from shared.identifiers import UserId


@dataclass(frozen=True, slots=True)
class StartConversation(OfConversation):
    """The actor starts it with these people. `unknown_ids`: who of them, or the agent, was found to have no account.

    `occurred_at` is set by imports alone: their people come one by one, when they first speak. `contact_policy`: of the
    other person of a direct one.
    """

    kind: ConversationKind
    participant_ids: Sequence[UserId]
    title: str | None = None
    avatar_url: str | None = None
    agent_id: UserId | None = None
    workspace_id: str | None = None
    occurred_at: datetime | None = None
    unknown_ids: Sequence[UserId] = ()
    contact_policy: ContactPolicy = "open"


def needs_everybody(command: StartConversation, known: Known) -> Iterable[Need]:
    """The rows of all who will be in it."""
    return [needs_participant(each) for each in (known.actor, *others_of(command, known.actor))]


def others_of(command: StartConversation, actor: UserId) -> tuple[UserId, ...]:
    """Who is in it besides the actor, each once; the agent of an agent conversation is one of them."""
    agents = (command.agent_id,) if command.kind == "agent" and command.agent_id is not None else ()
    return tuple(dict.fromkeys(each for each in (*agents, *command.participant_ids) if each != actor))


def start_conversation(command: StartConversation, known: Known, _: datetime) -> Decision:
    """A pair has one direct conversation for ever, whoever of the two starts it, and so at most one request."""
    conversation = known.part(CONVERSATION)
    if conversation is not None and conversation.deleted:
        return NothingHere()
    if conversation is not None:
        return title_refusal(command.kind, command.title) or Unchanged({"conversation_id": command.conversation_id})
    others = others_of(command, known.actor)
    started = ConversationStarted(
        command.kind,
        others,
        command.title,
        command.avatar_url,
        command.agent_id,
        command.workspace_id,
        command.occurred_at,
    )
    asks_first = command.kind == "direct" and command.contact_policy == "request"
    return _wrong(command, others) or [started, *(MessageRequested(each) for each in others if asks_first)]


def _wrong(command: StartConversation, others: Sequence[UserId]) -> Refusal | None:
    if command.kind == "direct" and len(others) != 1:
        return DirectWithOneself()
    if command.kind == "group" and not others and command.occurred_at is None:
        return GroupOfOne()
    return title_refusal(command.kind, command.title) or _unknown(command)


def title_refusal(kind: ConversationKind, title: str | None) -> Refusal | None:
    """What is wrong with a title in a conversation of this kind. White space alone is no title."""
    match kind:
        case "direct":
            return None if title is None else DirectHasNoTitle()
        case "group":
            return TitleIsMissing() if title is None or not title.strip() else _too_long(title, GROUP_TITLE_LIMIT)
        case "agent":
            return None if title is None else _too_long(title, AGENT_TITLE_LIMIT)


def _too_long(title: str, limit: int) -> Refusal | None:
    return TitleIsTooLong() if len(title) > limit else None


def _unknown(command: StartConversation) -> Refusal | None:
    people = tuple(each for each in command.unknown_ids if each in command.participant_ids)
    if people:
        return PeopleAreUnknown(people)
    return AgentIsUnknown(tuple(command.unknown_ids)) if command.unknown_ids else None
