"""Changing what a conversation looks like and which agent answers in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET, UnsetType

from services.command.deciding import Decision, Known, Need, Refusal, Unchanged
from services.command.features.conversations.conversation import (
    PARTICIPANT,
    Conversation,
    OfConversation,
    Place,
    needs_participant,
    place_that_leads,
)
from services.command.features.conversations.notices import needs_notices, told_to_group
from services.command.features.conversations.refusals import PARTICIPANTS_LIMIT, AgentIsUnknown, ConversationIsFull
from services.command.features.conversations.starting import title_refusal
from services.command.features.messages.numbering import NUMBERING
from shared.events.conversations import (
    ConversationAgentAssigned,
    ConversationAvatarChanged,
    ConversationRenamed,
    ParticipantAdded,
)
from shared.events.domain_event import DomainEvent
from shared.identifiers import UserId


@dataclass(frozen=True, slots=True)
class ChangeConversation(OfConversation):
    """What is UNSET stays as it is; None takes away. `unknown_ids`: the agent, when it was found to have no account."""

    title: str | UnsetType | None = UNSET
    avatar_url: str | UnsetType | None = UNSET
    agent_id: UserId | UnsetType | None = UNSET
    unknown_ids: Sequence[UserId] = ()


def needs_of_changing(command: ChangeConversation, known: Known) -> Iterable[Need]:
    """The actor's row, the new agent's, and the notices'."""
    yield needs_participant(known.actor)
    yield from needs_notices(known)
    if isinstance(command.agent_id, str):
        yield needs_participant(command.agent_id)


def change_conversation(command: ChangeConversation, known: Known, _: datetime) -> Decision:
    """The owner or an admin may. What is as it was asked to be is no change."""
    place = place_that_leads(known.actor, known)
    if not isinstance(place, Place):
        return place
    conversation = place.conversation
    refusal = _wrong(command, conversation, known)
    if refusal is not None:
        return refusal
    changes = [*_looks(command, conversation), *_agent(command, conversation, known)]
    return told_to_group(conversation, known, changes) if changes else Unchanged()


def _wrong(command: ChangeConversation, conversation: Conversation, known: Known) -> Refusal | None:
    if not isinstance(command.title, UnsetType):
        refusal = title_refusal(conversation.kind, command.title)
        if refusal is not None:
            return refusal
    if command.unknown_ids:
        return AgentIsUnknown(tuple(command.unknown_ids))
    full = conversation.participant_count >= PARTICIPANTS_LIMIT
    return ConversationIsFull() if full and _agent_must_join(command, conversation, known) else None


def _looks(command: ChangeConversation, conversation: Conversation) -> Iterable[DomainEvent]:
    if not isinstance(command.title, UnsetType) and command.title != conversation.title:
        yield ConversationRenamed(command.title)
    if not isinstance(command.avatar_url, UnsetType) and command.avatar_url != conversation.avatar_url:
        yield ConversationAvatarChanged(command.avatar_url)


def _agent(command: ChangeConversation, conversation: Conversation, known: Known) -> Iterable[DomainEvent]:
    agent_id = command.agent_id
    if isinstance(agent_id, UnsetType) or agent_id == conversation.agent_id:
        return
    yield ConversationAgentAssigned(agent_id)
    if agent_id is not None and _agent_must_join(command, conversation, known):
        yield ParticipantAdded(agent_id, known.part(NUMBERING).last_seq)


def _agent_must_join(command: ChangeConversation, conversation: Conversation, known: Known) -> bool:
    """The agent that answers in an agent conversation is a member of it; in a group it is only named."""
    agent_id = command.agent_id
    if conversation.kind != "agent" or agent_id is None or isinstance(agent_id, UnsetType):
        return False
    return agent_id != conversation.agent_id and known.row(PARTICIPANT, agent_id) is None
