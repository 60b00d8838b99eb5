"""What a conversation lets happen: starting it, changing it, and who is in it with which role."""

import pytest

from services.command.deciding import Refusal
from services.command.features.conversations.conversation import CONVERSATION, PARTICIPANT, Participant
from services.command.features.conversations.decider import (
    AddParticipant,
    ChangeConversation,
    ChangeParticipantRole,
    RemoveParticipant,
    StartConversation,
)
from services.command.features.conversations.participating import heir_of
from services.command.features.conversations.refusals import (
    AgentIsUnknown,
    ConversationIsFull,
    DirectConversationIsFixed,
    DirectHasNoTitle,
    DirectWithOneself,
    GroupOfOne,
    NoSuchParticipant,
    NothingHere,
    OnlyOwnerMay,
    OnlyOwnerOrAdminMay,
    OwnerCannotBeRemoved,
    OwnershipMustBeHandedOver,
    ParticipantHasOtherRole,
    ParticipantIsUnknown,
    PeopleAreUnknown,
    TitleIsMissing,
    TitleIsTooLong,
)
from shared.events.conversations import (
    ConversationAgentAssigned,
    ConversationAvatarChanged,
    ConversationDeleted,
    ConversationRenamed,
    ConversationStarted,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
    ParticipantRoleChanged,
    Role,
)
from shared.events.messages import MessageSent
from shared.identifiers import UserId, derived_id, direct_conversation_id, group_conversation_id
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
    with_an_agent,
)
from tests.specs.deciding import NOON, Scene

PICTURE = "https://example.org/crew.png"


def owner_of(scene: Scene) -> UserId | None:
    conversation = scene.copy.view(scene.stream_id, NOW, ANN).part(CONVERSATION)
    return conversation.owner_id if conversation else None


def roles_in(scene: Scene) -> dict[str, Role]:
    rows = {key: row.value for (_, kind, key), row in scene.copy.rows.items() if kind == PARTICIPANT.name}
    return {key: value.role for key, value in rows.items() if value is not None}


# Starting


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


# Changing


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


def test_an_agent_must_have_an_account() -> None:
    command = ChangeConversation(CREW, agent_id=NOBODY, unknown_ids=[NOBODY])
    a_group().when(command, by=ANN).then_refused(AgentIsUnknown)


def test_a_member_changes_nothing_of_a_group() -> None:
    a_group().when(ChangeConversation(CREW, title="Shore"), by=BEN).then_refused(OnlyOwnerOrAdminMay)


def test_a_direct_conversation_has_nothing_to_change() -> None:
    a_pair().when(ChangeConversation(PAIR, title="Us"), by=ANN).then_refused(DirectConversationIsFixed)


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


# Roles


def test_the_owner_makes_an_admin_of_a_member_and_the_group_is_told() -> None:
    a_group().when(ChangeParticipantRole(CREW, BEN, "admin"), by=ANN, command_id=NOW).then(
        ParticipantRoleChanged(BEN, "admin"), noted("role_changed", about=BEN, role="admin")
    )


def test_the_owner_makes_a_member_of_an_admin() -> None:
    a_group_with_admin().when(ChangeParticipantRole(CREW, BEN, "member"), by=ANN, command_id=NOW).then(
        ParticipantRoleChanged(BEN, "member"), noted("role_changed", about=BEN, role="member")
    )


def test_the_owner_hands_ownership_over_and_becomes_an_admin() -> None:
    scene = a_group()
    outcome = scene.when(ChangeParticipantRole(CREW, BEN, "owner"), by=ANN, command_id=NOW)
    outcome.then(
        ParticipantRoleChanged(BEN, "owner"),
        noted("role_changed", about=BEN, role="owner"),
        ParticipantRoleChanged(ANN, "admin"),
        noted("role_changed", seq=2, place=1, about=ANN, role="admin"),
    )
    assert owner_of(scene) == BEN
    assert roles_in(scene) == {ANN: "admin", BEN: "owner", CY: "member"}


def test_after_handing_over_the_new_owner_alone_gives_roles() -> None:
    handed = a_group().happened(ANN, ParticipantRoleChanged(BEN, "owner"), ParticipantRoleChanged(ANN, "admin"))
    handed.when(ChangeParticipantRole(CREW, CY, "admin"), by=ANN).then_refused(OnlyOwnerMay)


@pytest.mark.parametrize("role", ["admin", "member"])
def test_the_owner_does_not_give_the_owners_role_up(role: Role) -> None:
    a_group().when(ChangeParticipantRole(CREW, ANN, role), by=ANN).then_refused(OwnershipMustBeHandedOver)


@pytest.mark.parametrize(("who", "role"), [(ANN, "owner"), (BEN, "admin"), (CY, "member")])
def test_the_role_that_somebody_has_is_no_change(who: UserId, role: Role) -> None:
    a_group_with_admin().when(ChangeParticipantRole(CREW, who, role), by=ANN).then_nothing_happens()


@pytest.mark.parametrize("who", [BEN, CY])
def test_nobody_but_the_owner_gives_roles(who: UserId) -> None:
    a_group_with_admin().when(ChangeParticipantRole(CREW, CY, "admin"), by=who).then_refused(OnlyOwnerMay)


def test_nobody_has_a_role_who_is_not_in_it() -> None:
    a_group().when(ChangeParticipantRole(CREW, DOT, "admin"), by=ANN).then_refused(NoSuchParticipant)


def test_there_are_no_roles_in_a_direct_conversation() -> None:
    a_pair().when(ChangeParticipantRole(PAIR, BEN, "owner"), by=ANN).then_refused(DirectConversationIsFixed)


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
