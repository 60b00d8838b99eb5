"""What happens to a person's account and profile. Stream: the user."""

from typing import ClassVar, Literal

from shared.events.domain_event import DomainEvent

UserKind = Literal["person", "agent"]
ContactPolicy = Literal["open", "request"]


class UserRegistered(DomainEvent, frozen=True):
    """Somebody joined; an agent belongs to the actor. Credentials and the email address are never part of it."""

    recorded_as: ClassVar[str] = "verbatim.user.registered.v1"
    username: str
    display_name: str
    kind: UserKind = "person"


class DisplayNameChanged(DomainEvent, frozen=True):
    """The name that others see is another one."""

    recorded_as: ClassVar[str] = "verbatim.user.display_name_changed.v1"
    display_name: str


class AvatarChanged(DomainEvent, frozen=True):
    """The picture is another one, or none."""

    recorded_as: ClassVar[str] = "verbatim.user.avatar_changed.v1"
    avatar_url: str | None


class UserDeactivated(DomainEvent, frozen=True):
    """They left for good: nothing of theirs follows in their stream."""

    recorded_as: ClassVar[str] = "verbatim.user.deactivated.v1"


class ContactPolicySet(DomainEvent, frozen=True):
    """Whether a stranger's direct conversation with them starts as a message request. Who never said so is open."""

    recorded_as: ClassVar[str] = "verbatim.user.contact_policy_set.v1"
    policy: ContactPolicy
