"""Who may start which conversation, and how a conversation begins."""

import pytest

from services.command.deciding import Refusal
from services.command.features.conversations.decider import StartConversation
from services.command.features.conversations.refusals import (
    AgentIsUnknown,
    DirectHasNoTitle,
    DirectWithOneself,
    GroupOfOne,
    NothingHere,
    PeopleAreUnknown,
    TitleIsMissing,
    TitleIsTooLong,
)
from shared.events.conversations import ConversationDeleted, ConversationStarted
from shared.identifiers import derived_id, direct_conversation_id, group_conversation_id
from tests.conversations.examples import (
    ANN,
    BEN,
    CREW,
    CY,
    NOBODY,
    PAIR,
    ROBOT,
    a_group,
    a_pair,
    nothing_yet,
    owner_of,
    roles_in,
)
from tests.specs.deciding import NOON

PICTURE = "https://example.org/crew.png"


def test_whoever_starts_a_group_owns_it_and_the_others_are_members() -> None:
    scene = (
        nothing_yet()
        .when(StartConversation(CREW, "group", [BEN, CY], "Crew"), by=ANN)
        .then(ConversationStarted("group", (BEN, CY), "Crew"))
    )
    assert roles_in(scene) == {ANN: "owner", BEN: "member", CY: "member"}


def test_a_group_keeps_its_picture_its_agent_and_its_workspace() -> None:
    workspace = derived_id("workspace")
    nothing_yet().when(StartConversation(CREW, "group", [BEN], "Crew", PICTURE, ROBOT, workspace), by=ANN).then(
        ConversationStarted("group", (BEN,), "Crew", PICTURE, ROBOT, workspace)
    )


def test_whoever_names_themselves_among_the_others_is_in_it_once() -> None:
    nothing_yet().when(StartConversation(CREW, "group", [ANN, BEN, BEN], "Crew"), by=ANN).then(
        ConversationStarted("group", (BEN,), "Crew")
    )


def test_a_group_needs_somebody_besides_who_starts_it() -> None:
    nothing_yet().when(StartConversation(CREW, "group", [ANN], "Crew"), by=ANN).then_refused(GroupOfOne)


def test_an_imported_group_may_begin_with_one_person() -> None:
    nothing_yet().when(StartConversation(CREW, "group", [], "Crew", occurred_at=NOON), by=ANN).then(
        ConversationStarted("group", (), "Crew", occurred_at=NOON)
    )


@pytest.mark.parametrize("title", [None, " \t\u00a0"])
def test_a_group_needs_a_title_of_more_than_white_space(title: str | None) -> None:
    nothing_yet().when(StartConversation(CREW, "group", [BEN], title), by=ANN).then_refused(TitleIsMissing)


def test_a_groups_title_of_a_hundred_characters_is_taken() -> None:
    nothing_yet().when(StartConversation(CREW, "group", [BEN], "\U0001f642" * 100), by=ANN).then(
        ConversationStarted("group", (BEN,), "\U0001f642" * 100)
    )


def test_a_groups_title_of_a_hundred_and_one_characters_is_too_long() -> None:
    nothing_yet().when(StartConversation(CREW, "group", [BEN], "t" * 101), by=ANN).then_refused(TitleIsTooLong)


def test_whoever_starts_with_an_agent_owns_the_conversation_and_the_agent_is_a_member() -> None:
    scene = (
        nothing_yet()
        .when(StartConversation(CREW, "agent", [], agent_id=ROBOT), by=ANN)
        .then(ConversationStarted("agent", (ROBOT,), agent_id=ROBOT))
    )
    assert roles_in(scene) == {ANN: "owner", ROBOT: "member"}


def test_an_agent_conversation_needs_neither_agent_nor_title() -> None:
    nothing_yet().when(StartConversation(CREW, "agent", []), by=ANN).then(ConversationStarted("agent", ()))


def test_an_agent_conversations_title_of_two_hundred_characters_is_taken() -> None:
    nothing_yet().when(StartConversation(CREW, "agent", [], "t" * 200), by=ANN).then(
        ConversationStarted("agent", (), "t" * 200)
    )


def test_an_agent_conversations_title_of_two_hundred_and_one_characters_is_too_long() -> None:
    nothing_yet().when(StartConversation(CREW, "agent", [], "t" * 201), by=ANN).then_refused(TitleIsTooLong)


def test_the_two_of_a_direct_conversation_are_members() -> None:
    scene = (
        nothing_yet(PAIR)
        .when(StartConversation(PAIR, "direct", [BEN]), by=ANN)
        .then(ConversationStarted("direct", (BEN,)))
    )
    assert roles_in(scene) == {ANN: "member", BEN: "member"}
    assert owner_of(scene) is None


def test_a_pair_has_one_direct_conversation_whoever_starts_it_again() -> None:
    a_pair().when(StartConversation(PAIR, "direct", [ANN]), by=BEN).then_nothing_happens(conversation_id=PAIR)


def test_a_pair_has_the_same_id_in_either_order() -> None:
    assert direct_conversation_id(ANN, BEN) == direct_conversation_id(BEN, ANN) != direct_conversation_id(ANN, CY)


def test_the_same_key_of_two_people_names_two_groups() -> None:
    assert group_conversation_id(ANN, "1") != group_conversation_id(BEN, "1")


def test_nobody_starts_a_direct_conversation_with_themselves() -> None:
    nothing_yet(PAIR).when(StartConversation(PAIR, "direct", [ANN]), by=ANN).then_refused(DirectWithOneself)


def test_a_direct_conversation_has_no_title() -> None:
    nothing_yet(PAIR).when(StartConversation(PAIR, "direct", [BEN], "Us"), by=ANN).then_refused(DirectHasNoTitle)
    a_pair().when(StartConversation(PAIR, "direct", [BEN], "Us"), by=ANN).then_refused(DirectHasNoTitle)


def test_people_who_are_unknown_are_named() -> None:
    command = StartConversation(CREW, "group", [BEN, NOBODY], "Crew", unknown_ids=[NOBODY])
    outcome = nothing_yet().when(command, by=ANN)
    outcome.then_refused(PeopleAreUnknown)
    assert isinstance(outcome.decision, Refusal)
    assert outcome.decision.pointer == "/participant_ids"
    assert NOBODY in outcome.decision.detail
    assert BEN not in outcome.decision.detail


def test_an_unknown_agent_is_named_where_it_was_given() -> None:
    command = StartConversation(CREW, "agent", [], agent_id=NOBODY, unknown_ids=[NOBODY])
    outcome = nothing_yet().when(command, by=ANN)
    outcome.then_refused(AgentIsUnknown)
    assert isinstance(outcome.decision, Refusal)
    assert outcome.decision.pointer == "/agent_id"


def test_a_deleted_conversation_is_not_started_again() -> None:
    gone = a_group().happened(ANN, ConversationDeleted())
    gone.when(StartConversation(CREW, "group", [BEN], "Crew"), by=ANN).then_refused(NothingHere)
