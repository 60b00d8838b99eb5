"""Who comes and who goes; and what a conversation is to those who are not in it."""

import pytest

from services.command.features.conversations.conversation import Participant
from services.command.features.conversations.decider import (
    AddParticipant,
    ChangeConversation,
    ChangeParticipantRole,
    RemoveParticipant,
)
from services.command.features.conversations.participating import heir_of
from services.command.features.conversations.refusals import (
    ConversationIsFull,
    DirectConversationIsFixed,
    NoSuchParticipant,
    NothingHere,
    OnlyOwnerMay,
    OnlyOwnerOrAdminMay,
    OwnerCannotBeRemoved,
    ParticipantHasOtherRole,
    ParticipantIsUnknown,
)
from shared.events.conversations import (
    ConversationDeleted,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
    ParticipantRoleChanged,
    Role,
)
from shared.events.messages import MessageSent
from shared.identifiers import UserId, derived_id
from tests.conversations.examples import (
    ANN,
    BEN,
    CREW,
    CY,
    DOT,
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

# Adding


@pytest.mark.parametrize("who", [ANN, BEN])
def test_the_owner_and_an_admin_add_a_member_and_the_group_is_told(who: UserId) -> None:
    a_group_with_admin().when(AddParticipant(CREW, DOT), by=who, command_id=NOW).then(
        ParticipantAdded(DOT, 0), noted("participant_added", about=DOT, role="member")
    )


def test_a_new_members_markers_start_at_the_last_message() -> None:
    a_group().happened(ANN, MessageSent(1, "Hello", "c")).when(AddParticipant(CREW, DOT), by=ANN, command_id=NOW).then(
        ParticipantAdded(DOT, 1), noted("participant_added", seq=2, about=DOT, role="member")
    )


def test_the_owner_adds_an_admin() -> None:
    a_group().when(AddParticipant(CREW, DOT, "admin"), by=ANN, command_id=NOW).then(
        ParticipantAdded(DOT, 0, "admin"), noted("participant_added", about=DOT, role="admin")
    )


def test_an_admin_adds_no_admin() -> None:
    a_group_with_admin().when(AddParticipant(CREW, DOT, "admin"), by=BEN).then_refused(OnlyOwnerMay)


def test_a_member_adds_nobody() -> None:
    a_group().when(AddParticipant(CREW, DOT), by=BEN).then_refused(OnlyOwnerOrAdminMay)


def test_nobody_adds_themselves_to_a_conversation_that_they_are_not_in() -> None:
    a_group().when(AddParticipant(CREW, DOT), by=DOT).then_refused(NothingHere)


def test_nobody_joins_a_direct_conversation() -> None:
    a_pair().when(AddParticipant(PAIR, CY), by=ANN).then_refused(DirectConversationIsFixed)


@pytest.mark.parametrize("role", [None, "member"])
def test_to_add_a_member_again_changes_nothing(role: Role | None) -> None:
    a_group().when(AddParticipant(CREW, BEN, role), by=ANN).then_nothing_happens()


def test_adding_does_not_change_the_role_of_who_is_in_already() -> None:
    a_group().when(AddParticipant(CREW, BEN, "admin"), by=ANN).then_refused(ParticipantHasOtherRole)


def test_somebody_unknown_is_not_added() -> None:
    a_group().when(AddParticipant(CREW, NOBODY, unknown_ids=[NOBODY]), by=ANN).then_refused(ParticipantIsUnknown)


def test_a_conversation_grows_to_ten_thousand_people_and_no_further() -> None:
    crowd = [ParticipantAdded(UserId(derived_id("crowd", str(n))), 0) for n in range(9_997)]
    scene = a_group(BEN).happened(ANN, *crowd)
    full = scene.when(AddParticipant(CREW, DOT), by=ANN, command_id=NOW).then(
        ParticipantAdded(DOT, 0), noted("participant_added", about=DOT, role="member")
    )
    full.when(AddParticipant(CREW, EVE), by=ANN).then_refused(ConversationIsFull)


def test_an_agent_that_would_be_one_too_many_is_not_assigned() -> None:
    crowd = [ParticipantAdded(UserId(derived_id("crowd", str(n))), 0) for n in range(9_998)]
    full = with_an_agent().happened(ANN, *crowd)
    full.when(ChangeConversation(CREW, agent_id=EVE), by=ANN).then_refused(ConversationIsFull)


# Removing and leaving


@pytest.mark.parametrize("who", [ANN, BEN])
def test_the_owner_and_an_admin_remove_a_member_and_the_group_is_told(who: UserId) -> None:
    a_group_with_admin().when(RemoveParticipant(CREW, CY), by=who, command_id=NOW).then(
        ParticipantRemoved(CY), noted("participant_removed", about=CY)
    )


def test_the_owner_removes_an_admin() -> None:
    a_group_with_admin().when(RemoveParticipant(CREW, BEN), by=ANN, command_id=NOW).then(
        ParticipantRemoved(BEN), noted("participant_removed", about=BEN)
    )


def test_an_admin_removes_no_admin() -> None:
    two_admins = a_group_with_admin().happened(ANN, ParticipantRoleChanged(CY, "admin"))
    two_admins.when(RemoveParticipant(CREW, CY), by=BEN).then_refused(OnlyOwnerMay)


def test_an_admin_does_not_remove_the_owner() -> None:
    a_group_with_admin().when(RemoveParticipant(CREW, ANN), by=BEN).then_refused(OwnerCannotBeRemoved)


def test_a_member_removes_nobody() -> None:
    a_group().when(RemoveParticipant(CREW, CY), by=BEN).then_refused(OnlyOwnerOrAdminMay)


def test_nobody_is_removed_who_is_not_in_it() -> None:
    a_group().when(RemoveParticipant(CREW, DOT), by=ANN).then_refused(NoSuchParticipant)


def test_a_member_leaves_and_the_group_is_told() -> None:
    a_group().when(RemoveParticipant(CREW, CY), by=CY, command_id=NOW).then(
        ParticipantLeft(), noted("participant_left")
    )


def test_nobody_leaves_or_is_removed_from_a_direct_conversation() -> None:
    a_pair().when(RemoveParticipant(PAIR, ANN), by=ANN).then_refused(DirectConversationIsFixed).when(
        RemoveParticipant(PAIR, BEN), by=ANN
    ).then_refused(DirectConversationIsFixed)


def test_whoever_left_is_a_stranger() -> None:
    without = a_group().happened(CY, ParticipantLeft())
    for command in (RemoveParticipant(CREW, CY), AddParticipant(CREW, CY), ChangeConversation(CREW, title="Mine")):
        without.when(command, by=CY).then_refused(NothingHere)


def test_whoever_was_removed_is_a_stranger() -> None:
    a_group().happened(ANN, ParticipantRemoved(CY)).when(RemoveParticipant(CREW, CY), by=CY).then_refused(NothingHere)


def test_whoever_comes_back_is_a_member_at_the_end_of_the_history() -> None:
    scene = a_group_with_admin().happened(BEN, MessageSent(1, "Bye", "c")).happened(BEN, ParticipantLeft())
    scene.when(AddParticipant(CREW, BEN), by=ANN, command_id=NOW).then(
        ParticipantAdded(BEN, 1), noted("participant_added", seq=2, about=BEN, role="member")
    )


def test_when_the_owner_leaves_the_oldest_admin_inherits() -> None:
    scene = a_group(BEN, CY, DOT).happened(ANN, ParticipantRoleChanged(DOT, "admin"))
    scene.happened(ANN, ParticipantRoleChanged(CY, "admin")).when(
        RemoveParticipant(CREW, ANN), by=ANN, command_id=NOW
    ).then(
        ParticipantLeft(),
        noted("participant_left"),
        ParticipantRoleChanged(CY, "owner"),
        noted("role_changed", seq=2, place=1, about=CY, role="owner"),
    )


def test_an_admin_who_came_back_is_younger_than_one_who_stayed() -> None:
    scene = a_group_with_admin().happened(BEN, ParticipantLeft()).happened(ANN, ParticipantRoleChanged(CY, "admin"))
    scene = scene.happened(ANN, ParticipantAdded(BEN, 0, "admin"))
    outcome = scene.when(RemoveParticipant(CREW, ANN), by=ANN)
    assert ParticipantRoleChanged(CY, "owner") in outcome.decision_events()


def test_when_the_owner_leaves_a_group_without_admins_the_oldest_member_inherits() -> None:
    outcome = a_group(CY, BEN).when(RemoveParticipant(CREW, ANN), by=ANN)
    assert ParticipantRoleChanged(CY, "owner") in outcome.decision_events()
    assert roles_in(outcome.scene) == {CY: "owner", BEN: "member"}


def test_of_those_who_came_together_the_one_named_first_inherits_in_whatever_order_they_are_read() -> None:
    cy, ben = Participant("member", 1, 1), Participant("member", 1, 2)
    assert heir_of(ANN, {BEN: ben, ANN: Participant("owner", 1, 0), CY: cy}) == CY


def test_an_agent_conversation_passes_on_without_notices() -> None:
    with_an_agent(BEN).happened(ANN, ParticipantRemoved(ROBOT)).when(RemoveParticipant(CREW, ANN), by=ANN).then(
        ParticipantLeft(), ParticipantRoleChanged(BEN, "owner")
    )


def test_when_the_last_one_leaves_the_conversation_is_deleted() -> None:
    alone = a_group(BEN).happened(BEN, ParticipantLeft())
    alone.when(RemoveParticipant(CREW, ANN), by=ANN).then(ParticipantLeft(), ConversationDeleted())


# Strangers, and what is gone

EVERYTHING = [
    ChangeConversation(CREW, title="Mine"),
    AddParticipant(CREW, EVE),
    RemoveParticipant(CREW, BEN),
    ChangeParticipantRole(CREW, BEN, "admin"),
]


@pytest.mark.parametrize("command", EVERYTHING)
def test_a_stranger_is_told_the_same_of_a_group_as_of_none(command: ChangeConversation) -> None:
    a_group().when(command, by=DOT).then_refused(NothingHere)
    nothing_yet().when(command, by=DOT).then_refused(NothingHere)


@pytest.mark.parametrize("command", EVERYTHING)
def test_a_deleted_group_is_gone_for_its_owner_too(command: ChangeConversation) -> None:
    a_group().happened(ANN, ConversationDeleted()).when(command, by=ANN).then_refused(NothingHere)
