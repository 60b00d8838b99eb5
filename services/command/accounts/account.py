"""An account: what only its owner may see of it, and how far its registration is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.events.people import UserKind
from shared.identifiers import UserId

EVERYBODY: tuple[UserKind, ...] = ("person", "agent")
AGENTS: tuple[UserKind, ...] = ("agent",)


class Registration(StrEnum):
    """How far an account is."""

    BEGUN = "begun"
    """The request that made it may still take it back."""
    TAKEN_UP = "taken_up"
    """Another request, a log-in or a start counts on it."""
    RECORDED = "recorded"
    """Its UserRegistered is in the log."""
    IMPORTED = "imported"
    """The importer sees to its UserRegistered."""


class Deactivation(StrEnum):
    """How far an account's end is."""

    BEGUN = "begun"
    """The request that began it may still take it back."""
    TAKEN_UP = "taken_up"
    """Another request, or whoever finishes what is half done, counts on it."""
    RECORDED = "recorded"
    """Its UserDeactivated is in the log, and nothing is left to log in with."""
    SETTLED = "settled"
    """What follows from that elsewhere has been seen to."""


@dataclass(frozen=True, slots=True)
class Account:
    """A row of `accounts`. Without an email nobody can log in to it. An agent belongs to its owner."""

    user_id: UserId
    username: str
    email: str | None
    password_hash: str | None
    display_name: str
    registration: Registration
    is_active: bool
    created_at: datetime
    updated_at: datetime
    kind: UserKind
    owner_id: UserId | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody who registers asks for."""

    user_id: UserId
    email: str
    username: str
    password: str
    display_name: str


@dataclass(frozen=True, slots=True)
class WantedAgent:
    """What somebody who makes an agent asks for."""

    user_id: UserId
    owner_id: UserId
    username: str
    display_name: str
