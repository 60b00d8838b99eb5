"""Whatever may be asked about messages."""

from dataclasses import replace

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
IMAGES = (Attachment("image", FILES[0], sort_order=1), Attachment("image", FILES[1]))
VIDEO = Attachment("video", url="https://media.example/1")
SHOWN: st.SearchStrategy[tuple[ContentType, tuple[Attachment, ...]]] = st.sampled_from(
    [
        ("image", IMAGES[:1]),
        ("image", (Attachment("image", url="https://media.example/2"),)),
        ("file", (Attachment("file", FILES[0], name="a"),)),
        ("voice", (Attachment("voice", FILES[1], duration=1.5),)),
        ("media", (VIDEO,)),
        ("media", (*IMAGES, VIDEO)),
        ("media", ()),
        ("text", IMAGES),
    ]
)
MEDIA_TYPES = st.sampled_from([dict.fromkeys(FILES, "text/plain"), dict.fromkeys(FILES, "image/png"), {}])
SHOWING = st.builds(
    lambda command, shown, media_types: replace(
        command, content_type=shown[0], attachments=shown[1], media_types=media_types
    ),
    st.builds(SendMessage, HERE, TEXTS, TEXTS),
    SHOWN,
    MEDIA_TYPES,
)
IMPORTING_SHOWN = st.builds(
    lambda command, shown: replace(command, content_type=shown[0], attachments=shown[1]),
    st.builds(ImportMessage, HERE, TEXTS, TEXTS, MOMENTS),
    SHOWN,
)
COMMANDS = st.one_of(
    SHOWING,
    IMPORTING_SHOWN,
    st.builds(
        SendMessage,
        HERE,
        TEXTS,
        TEXTS,
        content_type=st.just("shared_post"),
        shared_post_id=perhaps(st.just(derived_id("post"))),
    ),
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
