"""What happens to a conversation and to who is in it. Stream: the conversation."""

from datetime import datetime
from typing import ClassVar, Literal

from shared.events.domain_event import DomainEvent
from shared.identifiers import UserId

ConversationKind = Literal["direct", "group", "agent"]
Role = Literal["owner", "admin", "member"]


class ConversationStarted(DomainEvent, frozen=True):
    """Its first event. The actor started it: a group's owner. `participant_ids`: the others, members all."""

    recorded_as: ClassVar[str] = "verbatim.conversation.started.v1"
    kind: ConversationKind
    participant_ids: tuple[UserId, ...]
    title: str | None = None
    avatar_url: str | None = None
    agent_id: UserId | None = None
    workspace_id: str | None = None
    occurred_at: datetime | None = None


class ConversationRenamed(DomainEvent, frozen=True):
    """The title is another one."""

    recorded_as: ClassVar[str] = "verbatim.conversation.renamed.v1"
    title: str | None


class ConversationAvatarChanged(DomainEvent, frozen=True):
    """The picture is another one, or none."""

    recorded_as: ClassVar[str] = "verbatim.conversation.avatar_changed.v1"
    avatar_url: str | None


class ConversationAgentAssigned(DomainEvent, frozen=True):
    """Another agent answers here, or none."""

    recorded_as: ClassVar[str] = "verbatim.conversation.agent_assigned.v1"
    agent_id: UserId | None


class ParticipantAdded(DomainEvent, frozen=True):
    """Somebody is in from now on; both markers start at `last_seq`, the last message before. The actor added them."""

    recorded_as: ClassVar[str] = "verbatim.conversation.participant_added.v1"
    user_id: UserId
    last_seq: int
    role: Role = "member"
    occurred_at: datetime | None = None


class ParticipantRemoved(DomainEvent, frozen=True):
    """The actor put somebody else out."""

    recorded_as: ClassVar[str] = "verbatim.conversation.participant_removed.v1"
    user_id: UserId


class ParticipantLeft(DomainEvent, frozen=True):
    """The actor is out by their own wish."""

    recorded_as: ClassVar[str] = "verbatim.conversation.participant_left.v1"


class ParticipantRoleChanged(DomainEvent, frozen=True):
    """Somebody has another role: given by the owner, or inherited when the owner left."""

    recorded_as: ClassVar[str] = "verbatim.conversation.participant_role_changed.v1"
    user_id: UserId
    role: Role


class ConversationPinned(DomainEvent, frozen=True):
    """The actor has it before all that is not pinned in their list. This and the next four concern the actor alone."""

    recorded_as: ClassVar[str] = "verbatim.conversation.pinned.v1"


class ConversationUnpinned(DomainEvent, frozen=True):
    """The actor has it in its place again."""

    recorded_as: ClassVar[str] = "verbatim.conversation.unpinned.v1"


class ConversationArchived(DomainEvent, frozen=True):
    """The actor put it aside."""

    recorded_as: ClassVar[str] = "verbatim.conversation.archived.v1"


class ConversationUnarchived(DomainEvent, frozen=True):
    """The actor took it back."""

    recorded_as: ClassVar[str] = "verbatim.conversation.unarchived.v1"


class ConversationCleared(DomainEvent, frozen=True):
    """The actor sees nothing any more of what was said up to `up_to_seq`, the last message; 0 when there was none."""

    recorded_as: ClassVar[str] = "verbatim.conversation.cleared.v1"
    up_to_seq: int


class ConversationDeleted(DomainEvent, frozen=True):
    """Its last event: it is gone for everybody."""

    recorded_as: ClassVar[str] = "verbatim.conversation.deleted.v1"
