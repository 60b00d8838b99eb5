"""What becomes of conversations, of who is in them, and of message requests."""

from tests.blackbox.recorded import Entry
from tests.blackbox.tables import Row, Tables


def fold_conversation(tables: Tables, entry: Entry) -> None:
    """One more event about a conversation or its participants."""
    data, participants = entry.data, tables["participants"]
    match entry.type.removeprefix("conversation."):
        case "started":
            _start(tables, entry)
        case "renamed" | "avatar_changed" | "agent_assigned":
            tables["conversations"][entry.stream].update(data)
        case "participant_added":
            participants[f"{entry.stream} {data['user_id']}"] = _place(data.get("role", "member"), data["last_seq"])
        case "participant_removed":
            participants.pop(f"{entry.stream} {data['user_id']}", None)
        case "participant_left":
            participants.pop(f"{entry.stream} {entry.actor}", None)
        case "participant_role_changed":
            participants[f"{entry.stream} {data['user_id']}"]["role"] = data["role"]
        case "deleted":
            pass  # its rows go in the end
        case arranged:
            participants[f"{entry.stream} {entry.actor}"].update(_arranged(arranged, entry))


def _start(tables: Tables, entry: Entry) -> None:
    data, participants = entry.data, tables["participants"]
    named = {name: data.get(name) for name in ("kind", "title", "avatar_url", "agent_id")}
    tables["conversations"][entry.stream] = {**named, "created_by": entry.actor, "last_seq": 0}
    participants[f"{entry.stream} {entry.actor}"] = _place("member" if data["kind"] == "direct" else "owner")
    for user_id in data["participant_ids"]:
        participants[f"{entry.stream} {user_id}"] = _place("member")


def _place(role: str, last_seq: int = 0) -> Row:
    markers = {"delivered_seq": last_seq, "read_seq": last_seq, "cleared_seq": 0}
    return {"role": role, **markers, "pinned_at": None, "archived_at": None, "takes_part": True}


def _arranged(how: str, entry: Entry) -> Row:
    match how:
        case "pinned" | "archived":
            return {f"{how}_at": entry.time}
        case "unpinned" | "unarchived":
            return {f"{how.removeprefix('un')}_at": None}
        case _:
            return {"cleared_seq": entry.data["up_to_seq"]}


def fold_request(tables: Tables, entry: Entry) -> None:
    """One more event about a message request."""
    requests, participants = tables["message_requests"], tables["participants"]
    match entry.type.removeprefix("message_request."):
        case "made":
            recipient = entry.data["recipient_id"]
            requests[entry.stream] = {"requester_id": entry.actor, "recipient_id": recipient, "state": "pending"}
            participants[f"{entry.stream} {recipient}"]["takes_part"] = False
        case state:
            requests[entry.stream]["state"] = state
            participants[f"{entry.stream} {entry.actor}"]["takes_part"] = state == "accepted"
