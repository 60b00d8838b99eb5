"""Every event there is. A recorded name that stands here stays here."""

from shared.events.bookmarks import BookmarkNoteChanged, BookmarkToggled
from shared.events.conversations import (
    ConversationAgentAssigned,
    ConversationArchived,
    ConversationAvatarChanged,
    ConversationCleared,
    ConversationDeleted,
    ConversationPinned,
    ConversationRenamed,
    ConversationStarted,
    ConversationUnarchived,
    ConversationUnpinned,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
    ParticipantRoleChanged,
)
from shared.events.domain_event import DomainEvent
from shared.events.files import FileUploaded
from shared.events.message_requests import MessageRequestAccepted, MessageRequestDeclined, MessageRequested
from shared.events.messages import (
    MessageEdited,
    MessagesDelivered,
    MessageSent,
    MessagesRead,
    MessageUnsent,
    ReactionRemoved,
    ReactionSet,
    SystemMessageSent,
)
from shared.events.people import AvatarChanged, ContactPolicySet, DisplayNameChanged, UserDeactivated, UserRegistered
from shared.events.statuses import DndSet, StatusCleared, StatusSet
from shared.identifiers import StreamKind

CONVERSATION_EVENTS: tuple[type[DomainEvent], ...] = (
    ConversationStarted,
    ConversationRenamed,
    ConversationAvatarChanged,
    ConversationAgentAssigned,
    ParticipantAdded,
    ParticipantRemoved,
    ParticipantLeft,
    ParticipantRoleChanged,
    ConversationPinned,
    ConversationUnpinned,
    ConversationArchived,
    ConversationUnarchived,
    ConversationCleared,
    ConversationDeleted,
    MessageRequested,
    MessageRequestAccepted,
    MessageRequestDeclined,
    MessageSent,
    SystemMessageSent,
    MessageEdited,
    MessageUnsent,
    ReactionSet,
    ReactionRemoved,
    MessagesDelivered,
    MessagesRead,
)
USER_EVENTS: tuple[type[DomainEvent], ...] = (
    UserRegistered,
    DisplayNameChanged,
    AvatarChanged,
    ContactPolicySet,
    UserDeactivated,
    StatusSet,
    DndSet,
    StatusCleared,
    BookmarkToggled,
    BookmarkNoteChanged,
    FileUploaded,
)
EVENTS: dict[StreamKind, tuple[type[DomainEvent], ...]] = {
    StreamKind.CONVERSATIONS: CONVERSATION_EVENTS,
    StreamKind.USERS: USER_EVENTS,
}
EVENT_BY_RECORDED_NAME = {event.recorded_as: event for events in EVENTS.values() for event in events}
