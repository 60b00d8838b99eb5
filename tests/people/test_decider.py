"""What registering and changing a profile lead to."""

from services.command.features.people.decider import (
    PEOPLE,
    Avatar,
    ChangeProfile,
    DeactivateUser,
    RegisterUser,
    UserIsDeactivated,
    UserIsUnknown,
)
from shared.events.domain_event import DomainEvent
from shared.events.people import AvatarChanged, DisplayNameChanged, UserDeactivated, UserRegistered
from shared.identifiers import StreamId, UserId, derived_id
from tests.specs.deciding import Scene

ADA = UserId(derived_id("spec", "ada"))
PICTURE = "https://pictures.example/ada.png"


def given(*events: DomainEvent) -> Scene:
    scene = Scene(StreamId(ADA), (PEOPLE,))
    for event in events:
        scene.happened(ADA, event)
    return scene


def change(name: str | None = None, avatar: Avatar | None = None) -> ChangeProfile:
    return ChangeProfile(ADA, name, avatar)


REGISTERED = UserRegistered("ada", "Ada")


def test_somebody_who_registers_is_recorded() -> None:
    given().when(RegisterUser(ADA, "ada", "Ada"), by=ADA).then(REGISTERED)


def test_registering_again_changes_nothing() -> None:
    given(REGISTERED).when(RegisterUser(ADA, "ada", "Ada"), by=ADA).then_nothing_happens(user_id=ADA)


def test_an_agent_is_recorded_as_one() -> None:
    given().when(RegisterUser(ADA, "ada", "Ada", "agent"), by=ADA).then(UserRegistered("ada", "Ada", "agent"))


def test_another_display_name_is_recorded() -> None:
    given(REGISTERED).when(change("Countess"), by=ADA).then(DisplayNameChanged("Countess"))


def test_the_same_display_name_changes_nothing() -> None:
    given(REGISTERED).when(change("Ada"), by=ADA).then_nothing_happens(user_id=ADA)


def test_a_picture_is_recorded() -> None:
    given(REGISTERED).when(change(avatar=Avatar(PICTURE)), by=ADA).then(AvatarChanged(PICTURE))


def test_a_picture_can_be_removed() -> None:
    given(REGISTERED, AvatarChanged(PICTURE)).when(change(avatar=Avatar(None)), by=ADA).then(AvatarChanged(None))


def test_removing_no_picture_changes_nothing() -> None:
    given(REGISTERED).when(change(avatar=Avatar(None)), by=ADA).then_nothing_happens()


def test_a_picture_stays_when_only_the_name_changes() -> None:
    scene = given(REGISTERED, AvatarChanged(PICTURE), DisplayNameChanged("Countess"))
    scene.when(change(avatar=Avatar(PICTURE)), by=ADA).then_nothing_happens()


def test_name_and_picture_change_together() -> None:
    asked = change("Countess", Avatar(PICTURE))
    given(REGISTERED).when(asked, by=ADA).then(DisplayNameChanged("Countess"), AvatarChanged(PICTURE))


def test_asking_for_no_change_changes_nothing() -> None:
    given(REGISTERED).when(change(), by=ADA).then_nothing_happens(user_id=ADA)


def test_nobody_has_no_profile() -> None:
    given().when(change("Ada"), by=ADA).then_refused(UserIsUnknown)


def test_whoever_leaves_for_good_is_recorded() -> None:
    given(REGISTERED).when(DeactivateUser(ADA), by=ADA).then(UserDeactivated())


def test_leaving_again_changes_nothing() -> None:
    given(REGISTERED, UserDeactivated()).when(DeactivateUser(ADA), by=ADA).then_nothing_happens(user_id=ADA)


def test_nobody_cannot_leave() -> None:
    given().when(DeactivateUser(ADA), by=ADA).then_refused(UserIsUnknown)


def test_whoever_has_left_changes_no_profile() -> None:
    for asked in (change(), change("Countess"), change(avatar=Avatar(PICTURE))):
        given(REGISTERED, UserDeactivated()).when(asked, by=ADA).then_refused(UserIsDeactivated)


def test_whoever_has_left_is_still_known_to_have_registered() -> None:
    gone = given(REGISTERED, UserDeactivated())
    gone.when(RegisterUser(ADA, "ada", "Ada"), by=ADA).then_nothing_happens(user_id=ADA)


def test_leaving_is_answered_with_whose_it_was() -> None:
    assert PEOPLE.result(given(REGISTERED, UserDeactivated()).events[-1]) == {"user_id": ADA}
