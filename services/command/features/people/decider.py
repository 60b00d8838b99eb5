"""What may be asked of a person's profile, and what follows. Stream: the user."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from services.command.deciding import C, Decider, Decision, Known, Refusal, Result, Rule, Stream, Unchanged
from shared.events.domain_event import DomainEvent, Recorded
from shared.events.people import AvatarChanged, DisplayNameChanged, UserDeactivated, UserKind, UserRegistered
from shared.identifiers import StreamId, StreamKind, UserId


@dataclass(frozen=True, slots=True)
class RegisterUser:
    """Somebody joins. That the username is theirs has been seen to."""

    user_id: UserId
    username: str
    display_name: str
    kind: UserKind = "person"

    @property
    def stream(self) -> Stream:
        """The user's own."""
        return Stream(StreamKind.USERS, StreamId(self.user_id))


@dataclass(frozen=True, slots=True)
class Avatar:
    """A picture, or none."""

    url: str | None


@dataclass(frozen=True, slots=True)
class ChangeProfile:
    """Says how others see me. What is None stays as it is."""

    user_id: UserId
    display_name: str | None
    avatar: Avatar | None

    @property
    def stream(self) -> Stream:
        """The user's own."""
        return Stream(StreamKind.USERS, StreamId(self.user_id))


@dataclass(frozen=True, slots=True)
class DeactivateUser:
    """The user leaves for good."""

    user_id: UserId

    @property
    def stream(self) -> Stream:
        """The user's own."""
        return Stream(StreamKind.USERS, StreamId(self.user_id))


@dataclass(frozen=True)
class UserIsUnknown(Refusal):
    """Nobody of this id has registered."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "not-found"
    title: ClassVar[str] = "There is no such person"


@dataclass(frozen=True)
class UserIsDeactivated(Refusal):
    """Who asks has left for good."""

    status: ClassVar[int] = 403
    code: ClassVar[str] = "user-deactivated"
    title: ClassVar[str] = "Whoever has left for good can do nothing any more"


@dataclass(frozen=True, slots=True)
class Profile:
    """How others see somebody; a display name of None: nobody has registered yet."""

    display_name: str | None = None
    avatar_url: str | None = None
    deactivated: bool = False


NOBODY = Profile()


def evolve(profile: Profile, recorded: Recorded) -> Profile:
    """The profile after an event; most are no business of it."""
    match recorded.event:
        case UserRegistered(display_name=name):
            return Profile(name)
        case DisplayNameChanged(display_name=name):
            return replace(profile, display_name=name)
        case AvatarChanged(avatar_url=url):
            return replace(profile, avatar_url=url)
        case UserDeactivated():
            return replace(profile, deactivated=True)
        case _:
            return profile


def register_user(command: RegisterUser, known: Known, _: datetime) -> Decision:
    """Once for each user: asked again, nothing follows."""
    if known.part(PEOPLE) != NOBODY:
        return Unchanged({"user_id": command.user_id})
    return [UserRegistered(command.username, command.display_name, command.kind)]


def change_profile(command: ChangeProfile, known: Known, _: datetime) -> Decision:
    """An event for each thing that is another one now."""
    profile = known.part(PEOPLE)
    if profile == NOBODY:
        return UserIsUnknown()
    return list(_changes(command, profile)) or Unchanged(result_for(command.user_id))


def deactivate_user(command: DeactivateUser, known: Known, _: datetime) -> Decision:
    """Once, and for good."""
    profile = known.part(PEOPLE)
    if profile == NOBODY:
        return UserIsUnknown()
    return Unchanged(result_for(command.user_id)) if profile.deactivated else [UserDeactivated()]


def unless_deactivated(decide: Callable[[C, Known, datetime], Decision]) -> Callable[[C, Known, datetime], Decision]:
    """The same rule of a user's stream, for who is still there: behind their leaving nothing of theirs is recorded."""

    def decided(command: C, known: Known, now: datetime) -> Decision:
        return UserIsDeactivated() if known.part(PEOPLE).deactivated else decide(command, known, now)

    return decided


def _changes(command: ChangeProfile, profile: Profile) -> Sequence[DomainEvent]:
    changes: list[DomainEvent] = []
    if command.display_name is not None and command.display_name != profile.display_name:
        changes.append(DisplayNameChanged(command.display_name))
    if command.avatar is not None and command.avatar.url != profile.avatar_url:
        changes.append(AvatarChanged(command.avatar.url))
    return changes


def result_of(recorded: Recorded) -> Result:
    """Whose profile it is about."""
    match recorded.event:
        case UserRegistered() | DisplayNameChanged() | AvatarChanged() | UserDeactivated():
            return result_for(UserId(recorded.stream_id))
        case _:
            return {}


def result_for(user_id: UserId) -> Result:
    """What registering, changing a profile and leaving are answered."""
    return {"user_id": user_id}


PEOPLE: Decider[Profile] = Decider(
    name="people",
    kind=StreamKind.USERS,
    state=Profile,
    empty=NOBODY,
    evolve=evolve,
    rules=(
        Rule(RegisterUser, register_user),
        Rule(ChangeProfile, unless_deactivated(change_profile)),
        Rule(DeactivateUser, deactivate_user),
    ),
    result=result_of,
)
