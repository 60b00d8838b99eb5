"""Whatever may be asked about messages."""

from hypothesis import strategies as st

from services.command.features.conversations.decider import AddParticipant, RemoveParticipant
from services.command.features.conversations.notices import notice_id
from services.command.features.messages.decider import (
    EditMessage,
    ImportMessage,
    MarkDelivered,
    MarkRead,
    RemoveReaction,
    SendMessage,
    SetReaction,
    UnsendMessage,
)
from services.command.features.messages.facts import MayReadMessage
from shared.events.messages import ReactionKind, SenderRole
from shared.identifiers import MessageId
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
COMMANDS = st.one_of(
    st.builds(SendMessage, HERE, TEXTS, TEXTS, policy_version=VERSIONS, role=SENDER_ROLES),
    st.builds(SendMessage, HERE, TEXTS, TEXTS, perhaps(MESSAGES), perhaps(PEOPLE), unknown_ids=UNKNOWN),
    st.builds(ImportMessage, HERE, TEXTS, TEXTS, MOMENTS, perhaps(MESSAGES), perhaps(MESSAGES)),
    st.builds(EditMessage, HERE, MESSAGES, TEXTS, perhaps(MOMENTS), VERSIONS),
    st.builds(UnsendMessage, HERE, MESSAGES),
    st.builds(SetReaction, HERE, MESSAGES, KINDS),
    st.builds(RemoveReaction, HERE, MESSAGES),
    st.builds(MarkDelivered, HERE, SEQS),
    st.builds(MarkRead, HERE, SEQS),
    st.builds(MayReadMessage, HERE, MESSAGES, PEOPLE),
)
