"""What becomes of people: their profiles, policies, statuses, files and bookmarks."""

from datetime import datetime

from tests.blackbox.recorded import Entry
from tests.blackbox.tables import Row, Tables

NOTHING_SHOWN: Row = {"text": None, "dnd_enabled": False, "job_id": None, "expires_at": None}
SHOWN_OF_WHO_LEFT: Row = {"display_name": "Deactivated user", "avatar_url": None, "kind": "deactivated"}


def fold_user(tables: Tables, entry: Entry) -> None:
    """One more event about somebody's account or profile."""
    data, users = entry.data, tables["users"]
    match entry.type.removeprefix("user."):
        case "registered":
            kind = data.get("kind", "person")
            owner = entry.actor if kind == "agent" else None
            named = {name: data[name] for name in ("username", "display_name")}
            users[entry.stream] = {**named, "avatar_url": None, "kind": kind, "owner_id": owner}
        case "contact_policy_set":
            tables["contact_policies"][entry.stream] = {"policy": data["policy"]}
        case "deactivated":
            users[entry.stream].update(SHOWN_OF_WHO_LEFT)
            tables["user_statuses"].pop(entry.stream, None)
            for key in [key for key, row in tables["bookmarks"].items() if row.get("user_id") == entry.stream]:
                del tables["bookmarks"][key]
        case _:
            users[entry.stream].update(data)


def fold_status(tables: Tables, entry: Entry) -> None:
    """One more event about somebody's status."""
    data, statuses = entry.data, tables["user_statuses"]
    match entry.type.removeprefix("status."):
        case "set":
            end = data.get("expires_at")
            said = {name: data.get(name, empty) for name, empty in NOTHING_SHOWN.items()}
            statuses[entry.stream] = {**said, "expires_at": None if end is None else datetime.fromisoformat(end)}
        case "dnd_set":
            status = {**statuses.pop(entry.stream, NOTHING_SHOWN), "dnd_enabled": data["enabled"]}
            if status["text"] is not None or status["dnd_enabled"]:
                statuses[entry.stream] = status
        case _:
            statuses.pop(entry.stream, None)


def fold_file(tables: Tables, entry: Entry) -> None:
    """A file was uploaded."""
    named = {name: entry.data[name] for name in ("name", "media_type", "size", "sha256")}
    tables["files"][entry.data["file_id"]] = {"user_id": entry.stream, **named, "uploaded_at": entry.time}


def fold_bookmark(tables: Tables, entry: Entry) -> None:
    """One more event about a bookmark."""
    data, bookmarks = entry.data, tables["bookmarks"]
    if entry.type == "bookmark.note_changed":
        bookmarks[data["bookmark_id"]]["note"] = data["note"]
    elif data["bookmarked"]:
        kept = {name: data.get(name) for name in ("target_type", "target_id", "conversation_id", "note")}
        bookmarks[data["bookmark_id"]] = {"user_id": entry.stream, **kept, "created_at": entry.time}
    else:
        bookmarks.pop(data["bookmark_id"], None)
