"""What is known of a conversation and of who is in it, and who may do what. The rules build on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.command.deciding import Decider, Known, Need, RowKey, RowKind, Stream
from services.command.features.conversations.refusals import (
    DirectConversationIsFixed,
    NothingHere,
    OnlyOwnerOrAdminMay,
)
from shared.events.conversations import (
    ConversationAgentAssigned,
    ConversationArchived,
    ConversationAvatarChanged,
    ConversationCleared,
    ConversationDeleted,
    ConversationKind,
    ConversationPinned,
    ConversationRenamed,
    ConversationStarted,
    ConversationUnarchived,
    ConversationUnpinned,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
    ParticipantRoleChanged,
    Role,
)
from shared.events.domain_event import Recorded
from shared.events.message_requests import (
    MessageRequestAccepted,
    MessageRequestDeclined,
    MessageRequested,
    RequestState,
)
from shared.events.messages import MessagesDelivered, MessageSent, MessagesRead
from shared.identifiers import ConversationId, StreamId, StreamKind, UserId


@dataclass(frozen=True, slots=True)
class OfConversation:
    """What is asked of a conversation begins with which one."""

    conversation_id: ConversationId

    @property
    def stream(self) -> Stream:
        """The conversation's."""
        return Stream(StreamKind.CONVERSATIONS, StreamId(self.conversation_id))


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """A direct conversation's request: who was asked, and how it stands. The other one of the two made it."""

    recipient_id: UserId
    state: RequestState = "pending"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as the rules see it. A direct one has no owner, and perhaps a request."""

    kind: ConversationKind
    participant_count: int
    owner_id: UserId | None = None
    title: str | None = None
    avatar_url: str | None = None
    agent_id: UserId | None = None
    deleted: bool = False
    request: MessageRequest | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who is in. Who came with a lower (`joined_version`, `joined_place`) has been in for longer.

    `cleared_seq` is the last message when they last cleared it; None when they never did.
    """

    role: Role
    joined_version: int
    joined_place: int
    delivered_seq: int = 0
    read_seq: int = 0
    pinned: bool = False
    archived: bool = False
    cleared_seq: int | None = None

    def sees(self, seq: int) -> bool:
        """Whether the message with this number is there for them: it is not, once they cleared it."""
        return self.cleared_seq is None or seq > self.cleared_seq


def _evolve(conversation: Conversation | None, recorded: Recorded) -> Conversation | None:
    if isinstance(recorded.event, ConversationStarted):
        return _started(recorded.event, recorded.actor)
    return None if conversation is None else _changed(conversation, recorded)


def _started(event: ConversationStarted, actor: UserId) -> Conversation:
    owner_id = None if event.kind == "direct" else actor
    count = 1 + len(event.participant_ids)
    return Conversation(event.kind, count, owner_id, event.title, event.avatar_url, event.agent_id)


def _changed(conversation: Conversation, recorded: Recorded) -> Conversation:  # noqa: PLR0911  # one for each fact
    match recorded.event:
        case MessageSent() | MessagesDelivered() | MessagesRead():
            return conversation  # most events are these
        case ConversationRenamed(title=title):
            return replace(conversation, title=title)
        case ConversationAvatarChanged(avatar_url=avatar_url):
            return replace(conversation, avatar_url=avatar_url)
        case ConversationAgentAssigned(agent_id=agent_id):
            return replace(conversation, agent_id=agent_id)
        case ParticipantAdded():
            return replace(conversation, participant_count=conversation.participant_count + 1)
        case ParticipantRemoved() | ParticipantLeft():
            return replace(conversation, participant_count=conversation.participant_count - 1)
        case ParticipantRoleChanged(user_id=user_id, role="owner"):
            return replace(conversation, owner_id=user_id)
        case ConversationDeleted():
            return replace(conversation, deleted=True)
        case _:
            request = _requested(conversation.request, recorded)
            return conversation if request is conversation.request else replace(conversation, request=request)


def _requested(request: MessageRequest | None, recorded: Recorded) -> MessageRequest | None:
    match recorded.event:
        case MessageRequested(recipient_id=recipient_id):
            return MessageRequest(recipient_id)
        case MessageRequestAccepted() if request is not None:
            return replace(request, state="accepted")
        case MessageRequestDeclined() if request is not None:
            return replace(request, state="declined")
        case _:
            return request


def _touched(recorded: Recorded) -> Sequence[str]:
    match recorded.event:
        case ConversationStarted(participant_ids=others):
            return (recorded.actor, *others)
        case ParticipantAdded(user_id=user_id) | ParticipantRemoved(user_id=user_id):
            return (user_id,)
        case ParticipantRoleChanged(user_id=user_id):
            return (user_id,)
        case ParticipantLeft() | MessagesDelivered() | MessagesRead() | ConversationCleared():
            return (recorded.actor,)
        case ConversationPinned() | ConversationUnpinned() | ConversationArchived() | ConversationUnarchived():
            return (recorded.actor,)
        case _:
            return ()


def _participant(participant: Participant | None, user_id: str, recorded: Recorded) -> Participant | None:
    match recorded.event:
        case ConversationStarted() as event:
            return _one_of_the_first(event, user_id, recorded)
        case ParticipantAdded(role=role, last_seq=seq):
            return Participant(role, recorded.version, 0, seq, seq)
        case ParticipantRemoved() | ParticipantLeft():
            return None
        case _:
            return None if participant is None else _moved(participant, recorded)


def _one_of_the_first(event: ConversationStarted, user_id: str, recorded: Recorded) -> Participant:
    if user_id == recorded.actor:
        return Participant("member" if event.kind == "direct" else "owner", recorded.version, 0)
    return Participant("member", recorded.version, 1 + event.participant_ids.index(UserId(user_id)))


def _moved(participant: Participant, recorded: Recorded) -> Participant:
    match recorded.event:
        case ParticipantRoleChanged(role=role):
            return replace(participant, role=role)
        case MessagesDelivered(seq=seq):
            return replace(participant, delivered_seq=max(seq, participant.delivered_seq))
        case MessagesRead(seq=seq):
            return replace(
                participant,
                read_seq=max(seq, participant.read_seq),
                delivered_seq=max(seq, participant.delivered_seq),
            )
        case _:
            return _arranged(participant, recorded)


def _arranged(participant: Participant, recorded: Recorded) -> Participant:
    match recorded.event:
        case ConversationPinned():
            return replace(participant, pinned=True)
        case ConversationUnpinned():
            return replace(participant, pinned=False)
        case ConversationArchived():
            return replace(participant, archived=True)
        case ConversationUnarchived():
            return replace(participant, archived=False)
        case ConversationCleared(up_to_seq=seq):
            return replace(participant, cleared_seq=seq)
        case _:
            return participant


PARTICIPANT = RowKind("participant", Participant, _touched, _participant)
CONVERSATION: Decider[Conversation | None] = Decider(
    "conversations",
    StreamKind.CONVERSATIONS,
    Conversation | None,  # type: ignore[arg-type]  # a union is no class to mypy; the store's decoder takes it
    None,
    _evolve,
    rules=(),
    rows=(PARTICIPANT,),
)
"""What is known, without the rules: every feature of the stream looks at it. The decider adds the rules."""


def needs_participant(user_id: UserId) -> RowKey:
    """The need for somebody's row."""
    return RowKey(PARTICIPANT, user_id)


def needs_own_place(_: OfConversation, known: Known) -> Iterable[Need]:
    """The actor's row."""
    return [needs_participant(known.actor)]


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation that is there, and the place that somebody has in it."""

    conversation: Conversation
    participant: Participant

    @property
    def leads(self) -> bool:
        """Whether it is the place of an owner or admin."""
        return self.participant.role in {"owner", "admin"}

    @property
    def owns(self) -> bool:
        """Whether it is the owner's place."""
        return self.participant.role == "owner"


def place_of(user_id: UserId, known: Known) -> Place | NothingHere:
    """Where somebody stands. Whoever is not in it is told the same of every conversation, there or not."""
    conversation = known.part(CONVERSATION)
    if conversation is None or conversation.deleted:
        return NothingHere()
    participant = known.row(PARTICIPANT, user_id)
    return NothingHere() if participant is None else Place(conversation, participant)


def place_that_leads(
    user_id: UserId, known: Known
) -> Place | NothingHere | DirectConversationIsFixed | OnlyOwnerOrAdminMay:
    """Where an owner or admin stands, in a conversation that can be changed."""
    place = changeable_place_of(user_id, known)
    return OnlyOwnerOrAdminMay() if isinstance(place, Place) and not place.leads else place


def changeable_place_of(user_id: UserId, known: Known) -> Place | NothingHere | DirectConversationIsFixed:
    """Where somebody stands in a conversation whose people and looks can be changed: any but a direct one."""
    place = place_of(user_id, known)
    if isinstance(place, Place) and place.conversation.kind == "direct":
        return DirectConversationIsFixed()
    return place
