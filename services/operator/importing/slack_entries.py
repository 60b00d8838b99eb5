"""The entries of a file of Slack's: what somebody said, or what happened to a channel."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec

from services.operator.importing.archives import LeftOut, Place
from services.operator.importing.json_files import items_of

TIME = re.compile(r"([0-9]{1,10})\.([0-9]{6})")
SAID = frozenset({None, "file_share", "file_comment", "me_message", "bot_message", "thread_broadcast"})
"""The kinds of entry that are something that somebody said; the others tell what happened to the channel."""


class Edited(msgspec.Struct, frozen=True):
    """When a text was last changed."""

    ts: str


class Comment(msgspec.Struct, frozen=True):
    """Who commented on a file."""

    user: str


class Reactions(msgspec.Struct, frozen=True):
    """Who reacted to an entry in one way, in the order in which they did; of very many Slack does not name all."""

    name: str = ""
    users: list[str] = []
    count: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0

    @property
    def unnamed(self) -> int:
        """How many more there were."""
        return max(0, self.count - len(self.users))


class Entry(msgspec.Struct, frozen=True):
    """An entry, as far as imports read it. `ts` is its time, and in its channel its id."""

    ts: str
    type: str = "message"
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    username: str | None = None
    text: str | None = None
    thread_ts: str | None = None
    edited: Edited | None = None
    comment: Comment | None = None
    reactions: list[Reactions] = []
    file: Any = None
    files: list[Any] = []
    attachments: list[Any] = []
    """Slack's own previews of what a text names."""

    @property
    def sender_id(self) -> str | None:
        """Who said it."""
        return self.user or (self.comment.user if self.comment else None) or self.bot_id

    @property
    def said(self) -> bool:
        """Whether it is something that somebody said."""
        return self.type == "message" and self.subtype in SAID

    @property
    def code(self) -> str:
        """What kind of entry it is, in a report."""
        return (self.subtype or self.type).replace("_", "-")

    @property
    def all_files(self) -> list[Any]:
        """The files that were shared with it; older exports have one in a field of its own, some have it in both."""
        return self.files or ([self.file] if self.file else [])


def entries_of(file: Path) -> Iterator[tuple[Place, Entry] | LeftOut]:
    """The entries of a file with their places, and what cannot be understood."""
    return items_of(file, Entry, "entry as Slack has them")


def time_of(ts: str) -> datetime | None:
    """A moment, to the microsecond; None if it is none."""
    found = TIME.fullmatch(ts)
    if found is None:
        return None
    return datetime.fromtimestamp(int(found[1]), UTC) + timedelta(microseconds=int(found[2]))
