"""What becomes of messages, their attachments, edits and reactions, and of everybody's markers."""

from typing import Any

from tests.blackbox.recorded import Entry
from tests.blackbox.tables import COLUMNS, Tables

SAID = ("content", "reply_to_id", "shared_post_id", "notice")
BESIDE = ("message_attachments", "message_edits", "message_reactions")
"""What goes when a message is unsent."""


def fold_message(tables: Tables, entry: Entry) -> None:
    """One more event about a message or a marker."""
    data, reactions = entry.data, tables["message_reactions"]
    match entry.type.removeprefix("message."):
        case "sent":
            _number(tables, entry, entry.command, role=data.get("role", "user"))
            _attach(tables, entry)
        case "system_sent":
            _number(tables, entry, data["message_id"], role="system")
        case "edited":
            _edit(tables, entry)
        case "unsent":
            _unsend(tables, entry)
        case "reaction_set":
            reaction = {"kind": data["kind"], "reacted_at": entry.time}
            reactions[f"{entry.stream} {data['message_id']} {entry.actor}"] = reaction
        case "reaction_removed":
            reactions.pop(f"{entry.stream} {data['message_id']} {entry.actor}", None)
        case marker:
            _move(tables, entry, marker)


def _number(tables: Tables, entry: Entry, message_id: str, **more: Any) -> None:
    data = entry.data
    tables["conversations"][entry.stream]["last_seq"] = data["seq"]
    tables["messages"][f"{entry.stream} {message_id}"] = {
        "seq": data["seq"],
        "sender_id": entry.actor,
        "content_type": data.get("content_type", "text"),
        **{name: data.get(name) for name in SAID},
        "edited_at": None,
        "unsent": False,
        **more,
    }


def _attach(tables: Tables, entry: Entry) -> None:
    for place, attachment in enumerate(entry.data.get("attachments", ())):
        said = {name: attachment.get(name) for name in COLUMNS["message_attachments"].others}
        said["sort_order"] = attachment.get("sort_order", 0)
        tables["message_attachments"][f"{entry.stream} {entry.command} {place}"] = said


def _edit(tables: Tables, entry: Entry) -> None:
    place, edits = f"{entry.stream} {entry.data['message_id']}", tables["message_edits"]
    message = tables["messages"][place]
    edits.setdefault(f"{place} 0", {"content": message.get("content")})
    edits[f"{place} {entry.version}"] = {"content": entry.data["content"]}
    message.update({"content": entry.data["content"], "edited_at": entry.time})


def _unsend(tables: Tables, entry: Entry) -> None:
    place = f"{entry.stream} {entry.data['message_id']}"
    gone = dict.fromkeys(("content", "reply_to_id", "shared_post_id", "edited_at"))
    tables["messages"][place].update({**gone, "unsent": True})
    for table in BESIDE:
        for key in [key for key in tables[table] if key.startswith(f"{place} ")]:
            del tables[table][key]


def _move(tables: Tables, entry: Entry, marker: str) -> None:
    seq, own_place = entry.data["seq"], tables["participants"][f"{entry.stream} {entry.actor}"]
    for name in ("delivered_seq", "read_seq") if marker == "read" else ("delivered_seq",):
        own_place[name] = max(own_place.get(name, 0), seq)
    move = f"{entry.stream} {entry.actor} {marker} {seq}"
    tables["marker_moves"].setdefault(move, {"moved_at": entry.time})
