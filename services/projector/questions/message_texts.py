"""What a message says to its readers: its text, or for a system message a sentence with the names of the day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import asyncpg

from services.projector.projection import Connection

PREVIEW_CHARACTERS = 100
UNSENT = "unsent"
NOTHING = ""
SOMEBODY = "Somebody"
ROLES = {"owner": "the owner", "admin": "an admin", "member": "a member"}


@dataclass(frozen=True, slots=True)
class Names:
    """Display names by user id."""

    known: Mapping[str, str]

    def of(self, user_id: str | None) -> str:
        """The name, or a word for whoever has none that is known."""
        return self.known.get(user_id or "", SOMEBODY)


async def names_for(connection: Connection, rows: Iterable[asyncpg.Record], *prefixes: str) -> Names:
    """The names that the rows' system messages need. A prefix is what the names of a message's columns begin with."""
    people = {
        user_id
        for row in rows
        for prefix in prefixes
        if row[f"{prefix}notice"] is not None
        for user_id in (row[f"{prefix}sender_id"], row[f"{prefix}about_id"])
        if user_id is not None
    }
    if not people:
        return Names({})
    found = await connection.fetch(
        "SELECT user_id, display_name FROM users WHERE user_id = ANY ($1::uuid[])", list(people)
    )
    return Names({row["user_id"]: row["display_name"] for row in found})


def text_of(row: asyncpg.Record, names: Names, prefix: str = "") -> str | None:
    """The text of the message in a row whose columns begin with `prefix`; None once it is unsent.

    The row has sender_id, content, content_type, unsent, notice, about_id, notice_title and notice_role.
    """
    if row[f"{prefix}unsent"]:
        return None
    if row[f"{prefix}notice"] is not None:
        return _sentence(row, names, prefix)
    content: str | None = row[f"{prefix}content"]
    return content


def preview_of(row: asyncpg.Record, names: Names, prefix: str = "") -> str:
    """The beginning of the text, or a word: that it is unsent, or what it is that has no text."""
    text = text_of(row, names, prefix)
    if text is None:
        return UNSENT
    if text == NOTHING:
        content_type: str = row[f"{prefix}content_type"]
        return content_type
    return text[:PREVIEW_CHARACTERS]


def _sentence(row: asyncpg.Record, names: Names, prefix: str) -> str:
    actor_id, about_id = row[f"{prefix}sender_id"], row[f"{prefix}about_id"]
    return sentence(
        row[f"{prefix}notice"],
        actor=names.of(actor_id),
        about=None if about_id in (None, actor_id) else names.of(about_id),
        title=row[f"{prefix}notice_title"],
        role=row[f"{prefix}notice_role"],
    )


def sentence(notice: str, *, actor: str, about: str | None, title: str | None, role: str | None) -> str:
    """What a system message tells. `about` is None where it is about the actor."""
    match notice:
        case "participant_added":
            return f"{actor} joined" if about is None else f"{actor} added {about}"
        case "participant_removed":
            return f"{actor} left" if about is None else f"{actor} removed {about}"
        case "participant_left":
            return f"{about or actor} left"
        case "role_changed":
            became = ROLES.get(role or "", "a member")
            return f"{actor} is now {became}" if about is None else f"{actor} made {about} {became}"
        case "renamed":
            return f"{actor} removed the title" if title is None else f"{actor} changed the title to “{title}”"
        case _:  # of a newer version than this
            return f"{actor} changed something"
