"""What registering and changing a profile lead to."""

from services.command.features.people.decider import PEOPLE, Avatar, ChangeProfile, RegisterUser, UserIsUnknown
from shared.events.people import AvatarChanged, DisplayNameChanged, UserRegistered
from shared.identifiers import StreamId, UserId, derived_id
from tests.specs.deciding import Scene

ADA = UserId(derived_id("spec", "ada"))
PICTURE = "https://pictures.example/ada.png"


def given(*events: UserRegistered | DisplayNameChanged | AvatarChanged) -> Scene:
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
