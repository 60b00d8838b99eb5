"""What people may want: a function of who they are and of chance, so that the same seed wants the same again."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.blackbox.history import Member, Wish

REFUSED_SHARE, RENAMED_SHARE, STATUS_SHARE, BOOKMARK_SHARE = 0.05, 0.05, 0.2, 0.25
SHORT_SECONDS = (1, 2, 3600)


def wish_of(member: Member, chance: random.Random) -> Wish:
    """Something that a member may want."""
    makers: list[tuple[float, Callable[[Member, random.Random, str], Wish]]] = [
        (REFUSED_SHARE, _reply_to_nothing),
        (RENAMED_SHARE, _rename),
        (STATUS_SHARE, _set_status),
        (BOOKMARK_SHARE, _toggle_bookmark),
    ]
    key, drawn = str(UUID(int=chance.getrandbits(128), version=4)), chance.random()
    for share, make in makers:
        if drawn < share:
            return make(member, chance, key)
        drawn -= share
    return send(member, key)


def send(member: Member, key: str, kind: str = "sent", **more: Any) -> Wish:
    """A message in the member's conversation."""
    route = "POST /v1/conversations/{conversation_id}/messages"
    path = f"/v1/conversations/{member.conversation_id}/messages"
    body = {"client_message_id": key, "content": f"said under {key}", **more}
    return Wish(kind, member.conversation_id, member.user_id, "POST", path, route, key, body)


def _reply_to_nothing(member: Member, chance: random.Random, key: str) -> Wish:
    return send(member, key, "refused", reply_to_id=str(UUID(int=chance.getrandbits(128), version=4)))


def _rename(member: Member, _: random.Random, key: str) -> Wish:
    """Two events in one command, from those who lead; the others are refused."""
    route, path = "PATCH /v1/conversations/{conversation_id}", f"/v1/conversations/{member.conversation_id}"
    kind = "renamed" if member.leads else "refused"
    return Wish(kind, member.conversation_id, member.user_id, "PATCH", path, route, key, {"title": f"room {key}"})


def _set_status(member: Member, chance: random.Random, key: str) -> Wish:
    return set_status(member, key, chance.choice(SHORT_SECONDS) if chance.random() < 0.5 else None)


def set_status(member: Member, key: str, seconds: int | None) -> Wish:
    """A status that ends after so many seconds, or stays."""
    body: dict[str, Any] = {"text": f"status {key}"}
    if seconds is not None:
        body["expires"] = {"in_seconds": seconds}
    return Wish("status", member.user_id, member.user_id, "PUT", "/v1/me/status", "PUT /v1/me/status", key, body)


def _toggle_bookmark(member: Member, _: random.Random, key: str) -> Wish:
    body = {"type": "message", "target_id": member.message_id, "conversation_id": member.conversation_id, "note": key}
    path = "/v1/bookmarks/toggle"
    return Wish("bookmark", member.user_id, member.user_id, "POST", path, f"POST {path}", key, body)
