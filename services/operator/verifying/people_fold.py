"""What the read tables about people must hold, folded one event at a time: users, contact_policies,
user_statuses, bookmarks, files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.operator.verifying.plain_records import Fact, time_or_none

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]


@dataclass(slots=True)
class PeopleFold:
    """Every row of these tables by its key, as the events so far have it."""

    users: Rows = field(default_factory=dict)
    contact_policies: Rows = field(default_factory=dict)
    user_statuses: Rows = field(default_factory=dict)
    bookmarks: Rows = field(default_factory=dict)
    files: Rows = field(default_factory=dict)

    def fold(self, fact: Fact) -> None:
        """One more event of a user."""
        CLAUSES[fact.type](self, fact)

    def finish(self) -> None:
        """Nothing is left to do: each event was all that it takes."""

    def register(self, fact: Fact) -> None:
        self.users[fact.stream,] = {
            "username": fact.data["username"],
            "display_name": fact.data["display_name"],
            "avatar_url": None,
            "kind": fact.data.get("kind", "person"),
            "owner_id": fact.actor if fact.data.get("kind") == "agent" else None,
            "registered_at": fact.time,
            "updated_at": fact.time,
        }

    def change(self, fact: Fact, column: str) -> None:
        if user := self.users.get((fact.stream,)):
            user[column] = fact.data[column]
            user["updated_at"] = fact.time

    def leave(self, fact: Fact) -> None:
        if user := self.users.get((fact.stream,)):
            user.update(display_name="Deactivated user", avatar_url=None, kind="deactivated", updated_at=fact.time)
        self.clear_status(fact)
        for key in [key for key, bookmark in self.bookmarks.items() if bookmark["user_id"] == fact.stream]:
            del self.bookmarks[key]

    def say_policy(self, fact: Fact) -> None:
        self.contact_policies[fact.stream,] = {"policy": fact.data["policy"]}

    def set_status(self, fact: Fact) -> None:
        self.user_statuses[fact.stream,] = {
            "emoji": fact.data.get("emoji"),
            "text": fact.data.get("text"),
            "dnd_enabled": fact.data.get("dnd_enabled", False),
            "expires_at": time_or_none(fact.data.get("expires_at")),
            "job_id": fact.data.get("job_id"),
            "set_at": fact.time,
        }

    def set_dnd(self, fact: Fact) -> None:
        enabled, status = fact.data["enabled"], self.user_statuses.get((fact.stream,))
        if status is None:
            if enabled:
                alone = {"emoji": None, "text": None, "expires_at": None, "job_id": None}
                self.user_statuses[fact.stream,] = {**alone, "dnd_enabled": True, "set_at": fact.time}
            return
        status["dnd_enabled"] = enabled
        if not enabled and status["emoji"] is None and status["text"] is None:
            del self.user_statuses[fact.stream,]

    def clear_status(self, fact: Fact) -> None:
        self.user_statuses.pop((fact.stream,), None)

    def toggle(self, fact: Fact) -> None:
        data = fact.data
        if not data["bookmarked"]:
            self.bookmarks.pop((data["bookmark_id"],), None)
            return
        self.bookmarks[data["bookmark_id"],] = {
            "user_id": fact.stream,
            "target_type": data["target_type"],
            "target_id": data["target_id"],
            "conversation_id": data.get("conversation_id"),
            "note": data.get("note"),
            "created_at": fact.time,
        }

    def note(self, fact: Fact) -> None:
        if bookmark := self.bookmarks.get((fact.data["bookmark_id"],)):
            bookmark["note"] = fact.data["note"]

    def upload(self, fact: Fact) -> None:
        file = {name: fact.data[name] for name in ("name", "media_type", "size", "sha256")}
        self.files[fact.data["file_id"],] = {**file, "user_id": fact.stream, "uploaded_at": fact.time}


CLAUSES: dict[str, Callable[[PeopleFold, Fact], object]] = {
    "verbatim.user.registered.v1": PeopleFold.register,
    "verbatim.user.display_name_changed.v1": lambda fold, fact: fold.change(fact, "display_name"),
    "verbatim.user.avatar_changed.v1": lambda fold, fact: fold.change(fact, "avatar_url"),
    "verbatim.user.deactivated.v1": PeopleFold.leave,
    "verbatim.user.contact_policy_set.v1": PeopleFold.say_policy,
    "verbatim.status.set.v1": PeopleFold.set_status,
    "verbatim.status.dnd_set.v1": PeopleFold.set_dnd,
    "verbatim.status.cleared.v1": PeopleFold.clear_status,
    "verbatim.bookmark.toggled.v1": PeopleFold.toggle,
    "verbatim.bookmark.note_changed.v1": PeopleFold.note,
    "verbatim.file.uploaded.v1": PeopleFold.upload,
}
