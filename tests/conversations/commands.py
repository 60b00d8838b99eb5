"""Whatever may be asked of a conversation and of who is in it."""

from typing import get_args

from hypothesis import strategies as st
from msgspec import UNSET

from services.command.features.conversations.decider import (
    AcceptMessageRequest,
    AddParticipant,
    ArchiveConversation,
    ChangeConversation,
    ChangeParticipantRole,
    ClearConversation,
    DeclineMessageRequest,
    DeleteConversation,
    PinConversation,
    RemoveParticipant,
    StartConversation,
    UnarchiveConversation,
    UnpinConversation,
)
from shared.events.conversations import ConversationKind, Role
from shared.events.people import ContactPolicy
from tests.conversations.examples import BEN, CREW, NOBODY
from tests.properties.drawing import MOMENTS, PEOPLE, TEXTS, perhaps

HERE = st.just(CREW)
POLICIES = st.sampled_from(get_args(ContactPolicy))
ROLES = st.sampled_from(get_args(Role))
UNKNOWN = st.sampled_from([(), (), (), (NOBODY,)])
OTHERS = st.lists(PEOPLE, max_size=3).map(lambda others: [BEN, *others])

STARTING = st.one_of(
    st.builds(StartConversation, HERE, st.just("group"), OTHERS, st.just("Crew")),
    st.builds(StartConversation, HERE, st.just("group"), OTHERS, st.just("Crew"), agent_id=PEOPLE),
    st.builds(StartConversation, HERE, st.just("direct"), st.just([BEN])),
    st.builds(StartConversation, HERE, st.just("direct"), st.just([BEN]), contact_policy=st.just("request")),
    st.builds(StartConversation, HERE, st.just("agent"), OTHERS, agent_id=perhaps(PEOPLE)),
    st.builds(StartConversation, HERE, st.just("agent"), st.just(())),
)
"""What is well begun."""
OF_THE_WHOLE = (
    PinConversation,
    UnpinConversation,
    ArchiveConversation,
    UnarchiveConversation,
    ClearConversation,
    DeleteConversation,
    AcceptMessageRequest,
    DeclineMessageRequest,
)
COMMANDS = st.one_of(
    st.builds(
        StartConversation,
        HERE,
        st.sampled_from(get_args(ConversationKind)),
        st.lists(PEOPLE, max_size=4),
        perhaps(TEXTS),
        perhaps(TEXTS),
        perhaps(PEOPLE),
        perhaps(TEXTS),
        occurred_at=perhaps(MOMENTS),
        unknown_ids=UNKNOWN,
        contact_policy=POLICIES,
    ),
    st.builds(
        ChangeConversation,
        HERE,
        perhaps(TEXTS) | st.just(UNSET),
        perhaps(TEXTS) | st.just(UNSET),
        perhaps(PEOPLE) | st.just(UNSET),
        UNKNOWN,
    ),
    st.builds(AddParticipant, HERE, PEOPLE, st.sampled_from([None, "member", "admin"]), UNKNOWN),
    st.builds(RemoveParticipant, HERE, PEOPLE),
    st.builds(ChangeParticipantRole, HERE, PEOPLE, ROLES),
    st.sampled_from([command(CREW) for command in OF_THE_WHOLE]),
)
