"""The lists beside a Slack export's folders: its channels and, if it has that list, its people."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from services.operator.importing.json_files import listed_in


class Channel(msgspec.Struct, frozen=True):
    """A channel. Its folder has its name."""

    id: str
    name: str
    creator: str = ""
    created: str | int = 0

    @property
    def created_at(self) -> datetime:
        """The list has seconds since 1970."""
        return datetime.fromtimestamp(int(self.created), UTC)


class Profile(msgspec.Struct, frozen=True):
    """What somebody wants to be called."""

    display_name: str | None = None
    real_name: str | None = None


class User(msgspec.Struct, frozen=True):
    """Somebody with an account. Nothing but the names is read."""

    id: str
    name: str = ""
    profile: Profile = Profile()

    @property
    def called(self) -> str:
        """What others see."""
        return self.profile.display_name or self.profile.real_name or self.name or self.id


def channels_in(file: Path) -> list[Channel]:
    """The channels that a file lists. Raises NoArchiveError when it cannot be understood."""
    return listed_in(file, list[Channel], "channels as Slack does")


def users_in(file: Path) -> list[User]:
    """The people whom a file lists; none if it is not there. Raises NoArchiveError when it cannot be understood."""
    return listed_in(file, list[User], "people as Slack does") if file.is_file() else []
