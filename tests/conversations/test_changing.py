"""What a conversation looks like, which agent answers in it, and who may change that."""

import pytest

from services.command.features.conversations.decider import ChangeConversation
from services.command.features.conversations.refusals import (
    AgentIsUnknown,
    DirectConversationIsFixed,
    OnlyOwnerOrAdminMay,
    TitleIsMissing,
    TitleIsTooLong,
)
from shared.events.conversations import (
    ConversationAgentAssigned,
    ConversationAvatarChanged,
    ConversationRenamed,
    ConversationStarted,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRoleChanged,
)
from shared.events.messages import MessageSent
from shared.identifiers import UserId
from tests.conversations.examples import (
    ANN,
    BEN,
    CREW,
    CY,
    EVE,
    NOBODY,
    NOW,
    PAIR,
    ROBOT,
    a_group,
    a_group_with_admin,
    a_pair,
    noted,
    nothing_yet,
    roles_in,
    with_an_agent,
)

PICTURE = "https://example.org/crew.png"


@pytest.mark.parametrize("who", [ANN, BEN])
def test_the_owner_and_an_admin_rename_a_group_and_it_is_told(who: UserId) -> None:
    a_group_with_admin().when(ChangeConversation(CREW, title="Shore"), by=who, command_id=NOW).then(
        ConversationRenamed("Shore"), noted("renamed", title="Shore")
    )


def test_title_picture_and_agent_change_together() -> None:
    command = ChangeConversation(CREW, "Shore", PICTURE, ROBOT)
    a_group().when(command, by=ANN, command_id=NOW).then(
        ConversationRenamed("Shore"),
        noted("renamed", title="Shore"),
        ConversationAvatarChanged(PICTURE),
        ConversationAgentAssigned(ROBOT),
    )


def test_the_picture_and_the_agent_can_be_taken_away() -> None:
    decorated = nothing_yet().happened(ANN, ConversationStarted("group", (BEN,), "Crew", PICTURE, ROBOT))
    decorated.when(ChangeConversation(CREW, avatar_url=None, agent_id=None), by=ANN).then(
        ConversationAvatarChanged(None), ConversationAgentAssigned(None)
    )


def test_what_is_as_it_was_asked_to_be_is_no_change() -> None:
    decorated = nothing_yet().happened(ANN, ConversationStarted("group", (BEN,), "Crew", PICTURE, ROBOT))
    decorated.when(ChangeConversation(CREW, "Crew", PICTURE, ROBOT), by=ANN).then_nothing_happens()


def test_to_change_nothing_is_no_change() -> None:
    a_group().when(ChangeConversation(CREW), by=ANN).then_nothing_happens()


def test_a_group_keeps_a_title() -> None:
    a_group().when(ChangeConversation(CREW, title=None), by=ANN).then_refused(TitleIsMissing)


def test_a_group_is_not_renamed_to_more_than_a_hundred_characters() -> None:
    scene = a_group().when(ChangeConversation(CREW, title="t" * 100), by=ANN, command_id=NOW)
    scene.then(ConversationRenamed("t" * 100), noted("renamed", title="t" * 100)).when(
        ChangeConversation(CREW, title="t" * 101), by=ANN
    ).then_refused(TitleIsTooLong)


def test_an_agent_conversation_is_renamed_without_a_notice_and_may_lose_its_title() -> None:
    with_an_agent().when(ChangeConversation(CREW, title="t" * 200), by=ANN).then(ConversationRenamed("t" * 200)).when(
        ChangeConversation(CREW, title=None), by=ANN
    ).then(ConversationRenamed(None)).when(ChangeConversation(CREW, title="t" * 201), by=ANN).then_refused(
        TitleIsTooLong
    )


def test_another_agent_of_an_agent_conversation_joins_it() -> None:
    with_an_agent().happened(ANN, MessageSent(1, "Hello", "c")).when(
        ChangeConversation(CREW, agent_id=EVE), by=ANN
    ).then(ConversationAgentAssigned(EVE), ParticipantAdded(EVE, 1))


def test_an_agent_that_is_in_already_does_not_join_again() -> None:
    with_an_agent(EVE).when(ChangeConversation(CREW, agent_id=EVE), by=ANN).then(ConversationAgentAssigned(EVE))


def test_the_agent_of_an_agent_conversation_is_assigned_by_its_owner_whoever_that_is_and_by_no_member() -> None:
    handed_over = with_an_agent(BEN, CY).happened(ANN, ParticipantLeft(), ParticipantRoleChanged(BEN, "owner"))
    handed_over.when(ChangeConversation(CREW, agent_id=None), by=CY).then_refused(OnlyOwnerOrAdminMay)
    handed_over.when(ChangeConversation(CREW, agent_id=None), by=ROBOT).then_refused(OnlyOwnerOrAdminMay)
    handed_over.when(ChangeConversation(CREW, agent_id=None), by=BEN).then(ConversationAgentAssigned(None))


def test_an_agent_that_is_taken_away_stays_in_the_conversation_until_it_is_removed() -> None:
    scene = with_an_agent().when(ChangeConversation(CREW, agent_id=None), by=ANN).then(ConversationAgentAssigned(None))
    assert roles_in(scene) == {ANN: "owner", ROBOT: "member"}


def test_an_agent_must_have_an_account() -> None:
    command = ChangeConversation(CREW, agent_id=NOBODY, unknown_ids=[NOBODY])
    a_group().when(command, by=ANN).then_refused(AgentIsUnknown)


def test_a_member_changes_nothing_of_a_group() -> None:
    a_group().when(ChangeConversation(CREW, title="Shore"), by=BEN).then_refused(OnlyOwnerOrAdminMay)


def test_a_direct_conversation_has_nothing_to_change() -> None:
    a_pair().when(ChangeConversation(PAIR, title="Us"), by=ANN).then_refused(DirectConversationIsFixed)
