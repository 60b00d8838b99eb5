"""A conversation is deleted, and accepts nothing from then on."""

import pytest

from services.command.deciding import Command
from services.command.features.conversations.decider import (
    AddParticipant,
    ChangeConversation,
    DeleteConversation,
    RemoveParticipant,
    StartConversation,
)
from services.command.features.conversations.refusals import DirectConversationIsFixed, NothingHere, OnlyOwnerMay
from shared.events.conversations import ConversationDeleted, ParticipantRoleChanged
from shared.identifiers import UserId
from tests.conversations.examples import ANN, BEN, CREW, CY, DOT, EVE, PAIR, a_group_with_admin, a_pair, with_an_agent
from tests.messages.examples import saying


def test_the_owner_deletes_a_group_and_an_agent_conversation() -> None:
    a_group_with_admin().when(DeleteConversation(CREW), by=ANN).then(ConversationDeleted())
    with_an_agent().when(DeleteConversation(CREW), by=ANN).then(ConversationDeleted())


@pytest.mark.parametrize("who", [BEN, CY])
def test_nobody_else_in_it_deletes_it(who: UserId) -> None:
    a_group_with_admin().when(DeleteConversation(CREW), by=who).then_refused(OnlyOwnerMay)


def test_who_handed_ownership_over_deletes_it_no_more() -> None:
    handed = a_group_with_admin().happened(
        ANN, ParticipantRoleChanged(BEN, "owner"), ParticipantRoleChanged(ANN, "admin")
    )
    handed.when(DeleteConversation(CREW), by=ANN).then_refused(OnlyOwnerMay).when(
        DeleteConversation(CREW), by=BEN
    ).then(ConversationDeleted())


def test_a_direct_conversation_is_not_deleted() -> None:
    a_pair().when(DeleteConversation(PAIR), by=ANN).then_refused(DirectConversationIsFixed)


def test_a_stranger_is_told_that_there_is_nothing() -> None:
    a_group_with_admin().when(DeleteConversation(CREW), by=EVE).then_refused(NothingHere)


@pytest.mark.parametrize(
    "command",
    [
        saying("Hello?"),
        AddParticipant(CREW, DOT),
        RemoveParticipant(CREW, ANN),
        ChangeConversation(CREW, title="Back"),
        StartConversation(CREW, "group", [BEN], "Crew"),
        DeleteConversation(CREW),
    ],
)
def test_what_is_deleted_accepts_nothing_not_even_from_its_owner(command: Command) -> None:
    gone = a_group_with_admin().happened(ANN, ConversationDeleted())
    gone.when(command, by=ANN).then_refused(NothingHere)
