"""Whatever may be asked about messages."""

from hypothesis import strategies as st

from services.command.features.conversations.decider import AddParticipant, RemoveParticipant
from services.command.features.conversations.notices import notice_id
from services.command.features.messages.decider import (
    EditMessage,
    ImportMessage,
    ImportReaction,
    MarkDelivered,
    MarkRead,
    RemoveReaction,
    SendMessage,
    SetReaction,
    UnsendMessage,
)
from services.command.features.messages.facts import MayReadFile, MayReadMessage
from shared.events.messages import Attachment, ContentType, ReactionKind, SenderRole
from shared.identifiers import FileId, MessageId, derived_id
from tests.conversations.commands import HERE, UNKNOWN
from tests.properties.drawing import MOMENTS, PEOPLE, TEXTS, asked_id, perhaps

SENT = [MessageId(asked_id(SendMessage, number)) for number in range(3)]
IMPORTED = MessageId(asked_id(ImportMessage, 0))
NOTICES = [notice_id(asked_id(command, 0), 0) for command in (AddParticipant, RemoveParticipant)]
MESSAGES = st.sampled_from([*SENT[:1], *SENT[:2], *SENT, IMPORTED, *NOTICES])
SEQS = st.integers(0, 3)
KINDS: st.SearchStrategy[ReactionKind] = st.sampled_from(["like", "pray"])
SENDER_ROLES: st.SearchStrategy[SenderRole] = st.sampled_from(["user", "assistant"])
VERSIONS = perhaps(st.sampled_from(["version 1", "version 2"]))
FILES = [FileId(derived_id("file", str(number))) for number in range(2)]
CONTENT_TYPES: st.SearchStrategy[ContentType] = st.sampled_from(["text", "image", "file", "voice", "media"])
ATTACHMENTS = st.lists(
    st.sampled_from(
        [
            Attachment("image", FILES[0], sort_order=1),
            Attachment("image", FILES[1]),
            Attachment("video", url="https://media.example/1"),
            Attachment("file", FILES[0], name="a"),
            Attachment("voice", FILES[1], duration=1.5),
        ]
    ),
    max_size=3,
)
MEDIA_TYPES = st.sampled_from([{}, dict.fromkeys(FILES, "image/png"), dict.fromkeys(FILES, "text/plain")])
COMMANDS = st.one_of(
    st.builds(
        SendMessage,
        HERE,
        TEXTS,
        TEXTS,
        content_type=CONTENT_TYPES,
        attachments=ATTACHMENTS,
        media_types=MEDIA_TYPES,
    ),
    st.builds(
        SendMessage, HERE, TEXTS, TEXTS, content_type=st.just("shared_post"), shared_post_id=perhaps(st.just("post"))
    ),
    st.builds(ImportMessage, HERE, TEXTS, TEXTS, MOMENTS, content_type=CONTENT_TYPES, attachments=ATTACHMENTS),
    st.builds(SendMessage, HERE, TEXTS, TEXTS, policy_version=VERSIONS, role=SENDER_ROLES),
    st.builds(SendMessage, HERE, TEXTS, TEXTS, perhaps(MESSAGES), perhaps(PEOPLE), unknown_ids=UNKNOWN),
    st.builds(
        ImportMessage,
        HERE,
        TEXTS,
        TEXTS,
        MOMENTS,
        perhaps(MESSAGES),
        perhaps(MESSAGES),
        edited_at=perhaps(MOMENTS),
        policy_version=VERSIONS,
    ),
    st.builds(EditMessage, HERE, MESSAGES, TEXTS, perhaps(MOMENTS), VERSIONS),
    st.builds(UnsendMessage, HERE, MESSAGES),
    st.builds(SetReaction, HERE, MESSAGES, KINDS),
    st.builds(RemoveReaction, HERE, MESSAGES),
    st.builds(ImportReaction, HERE, MESSAGES, KINDS, MOMENTS),
    st.builds(MarkDelivered, HERE, SEQS),
    st.builds(MarkRead, HERE, SEQS),
    st.builds(MayReadMessage, HERE, MESSAGES, PEOPLE),
    st.builds(MayReadFile, HERE, st.sampled_from(FILES), st.lists(MESSAGES, max_size=2).map(tuple), PEOPLE),
)
