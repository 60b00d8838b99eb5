"""What people may want: each wish is a function of who asks, what it is about, and a key."""

from collections.abc import Sequence
from typing import Any

from shared.identifiers import (
    UserId,
    bookmark_id_of,
    derived_id,
    direct_conversation_id,
    group_conversation_id,
)
from tests.blackbox.history import Member, Message, Wish

CONVERSATION = "/v1/conversations/{conversation_id}"
MESSAGE = CONVERSATION + "/messages/{message_id}"
PARTICIPANT = CONVERSATION + "/participants/{user_id}"
START = "POST /v1/conversations"
ARRANGED = {
    "pinned": f"PUT {CONVERSATION}/pin",
    "unpinned": f"DELETE {CONVERSATION}/pin",
    "archived": f"PUT {CONVERSATION}/archive",
    "unarchived": f"DELETE {CONVERSATION}/archive",
    "cleared": f"POST {CONVERSATION}/clear",
}
MARKED = {"delivered": f"POST {CONVERSATION}/delivered", "read": f"POST {CONVERSATION}/read"}
ANSWERED = {
    "accepted": "POST /v1/message-requests/{conversation_id}/accept",
    "declined": "POST /v1/message-requests/{conversation_id}/decline",
}


def of_conversation(kind: str, by: Member, to: str, route: str, key: str, /, **body: Any) -> Wish:
    """Something about a conversation as a whole."""
    return Wish(kind, to, by.user_id, route, key, body, {"conversation_id": to})


def of_message(kind: str, by: Member, message: Message, route: str, key: str, /, **body: Any) -> Wish:
    """Something about a message."""
    ids = {"conversation_id": message.conversation_id, "message_id": message.message_id}
    return Wish(kind, message.conversation_id, by.user_id, route, key, body, ids)


def of_participant(kind: str, by: Member, to: str, user_id: str, route: str, key: str, /, **body: Any) -> Wish:
    """Something about somebody in a conversation."""
    return Wish(kind, to, by.user_id, route, key, body, {"conversation_id": to, "user_id": user_id})


def of_oneself(kind: str, by: Member, route: str, key: str, /, **body: Any) -> Wish:
    """Something about a person's own stream."""
    return Wish(kind, by.user_id, by.user_id, route, key, body)


def send(by: Member, key: str, kind: str = "sent", to: str | None = None, **more: Any) -> Wish:
    """A message in the member's conversation, or another one."""
    body = {"client_message_id": key, "content": f"said under {key}", **more}
    return of_conversation(kind, by, to or by.conversation_id, f"POST {CONVERSATION}/messages", key, **body)


def send_pictures(by: Member, key: str) -> Wish:
    """A picture and a film, named in another order than the one in which they are to be shown."""
    film = {"kind": "video", "url": f"https://example.com/{key}.mp4", "duration": 12.5, "sort_order": 1}
    picture = {"kind": "image", "url": f"https://example.com/{key}.png", "name": f"picture {key}", "sort_order": 0}
    return send(by, key, "sent pictures", content_type="media", attachments=[film, picture])


def upload(by: Member, key: str) -> Wish:
    """A file of one's own: its id is the command's."""
    content = f"{key}.txt", f"content of {key}".encode()
    return Wish("uploaded", by.user_id, by.user_id, "POST /v1/files", key, {}, content=content)


def send_file(by: Member, key: str, file_id: str) -> Wish:
    """A file of one's own, sent without a text."""
    attachments = [{"kind": "file", "file_id": file_id, "sort_order": 0}]
    return send(by, key, "sent a file", content_type="file", content="", attachments=attachments)


def share_a_post(by: Member, key: str, post_id: str) -> Wish:
    """A message that shares what is elsewhere."""
    return send(by, key, "shared a post", content_type="shared_post", shared_post_id=post_id)


def edit(by: Member, message: Message, key: str) -> Wish:
    """Another text for a message."""
    return of_message("edited", by, message, f"PATCH {MESSAGE}", key, content=f"edited under {key}")


def unsend(by: Member, message: Message, key: str) -> Wish:
    """A message withdrawn."""
    return of_message("unsent", by, message, f"POST {MESSAGE}/unsend", key)


def react(by: Member, message: Message, key: str, reaction: str) -> Wish:
    """A reaction."""
    return of_message("reacted", by, message, f"PUT {MESSAGE}/reaction", key, kind=reaction)


def take_reaction_back(by: Member, message: Message, key: str) -> Wish:
    """No reaction any more."""
    return of_message("took reaction back", by, message, f"DELETE {MESSAGE}/reaction", key)


def mark(by: Member, to: str, key: str, how: str, seq: int) -> Wish:
    """A marker moved: `delivered` or `read`."""
    return of_conversation(how, by, to, MARKED[how], key, seq=seq)


def arrange(by: Member, to: str, key: str, how: str) -> Wish:
    """A conversation had one's own way: `pinned`, `unpinned`, `archived`, `unarchived` or `cleared`."""
    return of_conversation(how, by, to, ARRANGED[how], key)


def rename(by: Member, to: str, key: str, kind: str = "renamed") -> Wish:
    """Another title: two events in one command in a group; elsewhere nobody is told."""
    return of_conversation(kind, by, to, f"PATCH {CONVERSATION}", key, title=f"room {key}")


def change_picture(by: Member, to: str, key: str) -> Wish:
    """Another picture of a conversation."""
    picture = f"https://example.com/{key}.png"
    return of_conversation("changed picture", by, to, f"PATCH {CONVERSATION}", key, avatar_url=picture)


def assign_agent(by: Member, to: str, key: str, agent_id: str | None) -> Wish:
    """Another agent who answers in a conversation, or none."""
    return of_conversation("assigned agent", by, to, f"PATCH {CONVERSATION}", key, agent_id=agent_id)


def start_group(by: Member, others: Sequence[Member], key: str) -> Wish:
    """A group of these people."""
    body = {"kind": "group", "title": f"group {key}", "participant_ids": [each.user_id for each in others]}
    stream = group_conversation_id(UserId(by.user_id), key)
    return Wish("started", stream, by.user_id, START, key, body)


def start_with_agent(by: Member, agent: Member, key: str) -> Wish:
    """A conversation with an agent."""
    stream = group_conversation_id(UserId(by.user_id), key)
    return Wish("started", stream, by.user_id, START, key, {"kind": "agent", "agent_id": agent.user_id})


def start_direct(by: Member, other: Member, key: str) -> Wish:
    """The direct conversation of two: the first time it starts, perhaps as a message request."""
    stream = direct_conversation_id(UserId(by.user_id), UserId(other.user_id))
    body = {"kind": "direct", "participant_ids": [other.user_id]}
    return Wish("started direct", stream, by.user_id, START, key, body)


def delete(by: Member, to: str, key: str) -> Wish:
    """A conversation gone for everybody."""
    return of_conversation("deleted", by, to, f"DELETE {CONVERSATION}", key)


def add(by: Member, to: str, key: str, somebody: Member) -> Wish:
    """Somebody more in a conversation."""
    route = f"POST {CONVERSATION}/participants"
    return of_participant("added", by, to, somebody.user_id, route, key, user_id=somebody.user_id)


def remove(by: Member, to: str, key: str, somebody: Member, kind: str = "removed") -> Wish:
    """Somebody put out: two events in one command in a group; elsewhere nobody is told."""
    return of_participant(kind, by, to, somebody.user_id, f"DELETE {PARTICIPANT}", key)


def leave(by: Member, to: str, key: str, kind: str = "left") -> Wish:
    """Oneself put out: `left to an heir` by the owner, `left as the last` by whoever is alone."""
    return of_participant(kind, by, to, by.user_id, f"DELETE {PARTICIPANT}", key)


def change_role(by: Member, to: str, key: str, somebody: Member, role: str) -> Wish:
    """Another role for somebody; to give the owner's is to hand it over."""
    kind = "handed over" if role == "owner" else "changed role"
    return of_participant(kind, by, to, somebody.user_id, f"PATCH {PARTICIPANT}", key, role=role)


def answer_request(by: Member, to: str, key: str, how: str) -> Wish:
    """A message request `accepted` or `declined`."""
    return of_conversation(f"{how} request", by, to, ANSWERED[how], key)


def set_contact_policy(by: Member, key: str, policy: str) -> Wish:
    """Whether strangers must ask first: `request`, or `open`."""
    return of_oneself("set contact policy", by, "PUT /v1/me/contact-policy", key, policy=policy)


def change_profile(by: Member, key: str) -> Wish:
    """Another name and another picture: two events in one command."""
    looks = {"display_name": f"called {key}", "avatar_url": f"https://example.com/{key}.png"}
    return of_oneself("changed profile", by, "PATCH /v1/me", key, **looks)


def set_status(by: Member, key: str, seconds: int | None) -> Wish:
    """A status that ends after so many seconds, or stays."""
    body: dict[str, Any] = {"text": f"status {key}"}
    if seconds is not None:
        body["expires"] = {"in_seconds": seconds}
    return of_oneself("set status", by, "PUT /v1/me/status", key, **body)


def clear_status(by: Member, key: str) -> Wish:
    """No status any more."""
    return of_oneself("cleared status", by, "DELETE /v1/me/status", key)


def set_dnd(by: Member, key: str, *, enabled: bool) -> Wish:
    """Do-not-disturb on or off."""
    return of_oneself("set dnd", by, "PUT /v1/me/dnd", key, enabled=enabled)


def toggle_bookmark(by: Member, message: Message, key: str) -> Wish:
    """A bookmark switched on, or off when it is on."""
    target = {"type": "message", "target_id": message.message_id, "conversation_id": message.conversation_id}
    return of_oneself("toggled bookmark", by, "POST /v1/bookmarks/toggle", key, **target, note=key)


def keep(by: Member, message: Message, key: str) -> Wish:
    """A bookmark switched on, with a note; or the note alone, when it is on."""
    body = {"conversation_id": message.conversation_id, "note": f"kept under {key}"}
    route = "PUT /v1/bookmarks/{type}/{target_id}"
    return _of_bookmark("kept", by, "message", message.message_id, route, key, **body)


def keep_file(by: Member, file_id: str, key: str) -> Wish:
    """A bookmark of a file switched on, with a note; or the note alone, when it is on."""
    note = f"kept under {key}"
    return _of_bookmark("kept a file", by, "file", file_id, "PUT /v1/bookmarks/{type}/{target_id}", key, note=note)


def keep_no_longer(by: Member, message: Message, key: str) -> Wish:
    """A bookmark switched off."""
    route = "DELETE /v1/bookmarks/{type}/{target_id}"
    return _of_bookmark("kept no longer", by, "message", message.message_id, route, key)


def change_note(by: Member, message: Message, key: str) -> Wish:
    """Another note beside a bookmark."""
    note = f"noted under {key}"
    route = "PATCH /v1/bookmarks/{bookmark_id}"
    return _of_bookmark("changed note", by, "message", message.message_id, route, key, note=note)


def _of_bookmark(kind: str, by: Member, type_: str, target_id: str, route: str, key: str, /, **body: Any) -> Wish:
    ids = {"type": type_, "target_id": target_id, "bookmark_id": bookmark_id_of(UserId(by.user_id), type_, target_id)}
    return Wish(kind, by.user_id, by.user_id, route, key, body, ids)


def make_agent(by: Member, key: str) -> Wish:
    """An agent of one's own: its stream and its command follow from the key."""
    body = {"username": f"agent_{key.replace('-', '')}", "display_name": f"agent {key}"}
    stream = derived_id("agent", by.user_id, key)
    return Wish("made agent", stream, by.user_id, "POST /v1/agents", key, body, recorded_key="registration")


def leave_for_good(by: Member) -> Wish:
    """An account closed: under whatever key, it is the same command."""
    return of_oneself("left for good", by, "DELETE /v1/me", "deactivation")
