"""Who is owner, admin or member, and who says so."""

import pytest

from services.command.features.conversations.decider import ChangeParticipantRole
from services.command.features.conversations.refusals import (
    DirectConversationIsFixed,
    NoSuchParticipant,
    OnlyOwnerMay,
    OwnershipMustBeHandedOver,
)
from shared.events.conversations import ParticipantRoleChanged, Role
from shared.identifiers import UserId
from tests.conversations.examples import (
    ANN,
    BEN,
    CREW,
    CY,
    DOT,
    NOW,
    PAIR,
    a_group,
    a_group_with_admin,
    a_pair,
    noted,
    owner_of,
    roles_in,
)


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
