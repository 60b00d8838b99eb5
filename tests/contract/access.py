"""Who may ask what: the small part of it that is written by hand. All else follows from the path of each operation.

A new route fails `test_access.py` until its parameters stand here.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from uuid import uuid4

from tests.contract.operations import Operation

Ids = Mapping[str, str]


class Kind(StrEnum):
    """What an operation is about, and so who may ask it."""

    ONESELF = "oneself"
    """It names nothing: everybody who is signed in may ask it, each of their own."""
    PEOPLE = "people"
    """It names people: everybody who is signed in may know them."""
    CONVERSATION = "conversation"
    """It names a conversation or something in one: to whoever is not in it, it does not exist."""
    PERSONAL = "personal"
    """It names something of one person's: to everybody else, it does not exist."""
    OPERATOR = "operator"
    """The operator alone may ask it."""
    ANYONE = "anyone"
    """It needs no token."""


BY_PATH: Mapping[tuple[str, ...], Kind] = {
    ("user_id",): Kind.PEOPLE,
    ("conversation_id",): Kind.CONVERSATION,
    ("conversation_id", "message_id"): Kind.CONVERSATION,
    ("conversation_id", "user_id"): Kind.CONVERSATION,
    ("type", "target_id"): Kind.CONVERSATION,
    ("file_id",): Kind.CONVERSATION,
    ("bookmark_id",): Kind.PERSONAL,
    ("agent_id",): Kind.PERSONAL,
    ("stream_id", "command_id"): Kind.PERSONAL,
}
"""By the parameters in the path."""

BY_NAME: Mapping[str, Kind] = {
    "GET /v1/messages/search": Kind.CONVERSATION,
    "GET /v1/bookmarks/check": Kind.CONVERSATION,
    "POST /v1/bookmarks/toggle": Kind.CONVERSATION,
    "GET /v1/users": Kind.PEOPLE,
    "GET /v1/users/status": Kind.PEOPLE,
    "GET /v1/conversations": Kind.ONESELF,
    "POST /v1/conversations": Kind.ONESELF,
    "POST /v1/agents": Kind.ONESELF,
    "POST /v1/files": Kind.ONESELF,
    "PATCH /v1/me": Kind.ONESELF,
    "PUT /v1/me/status": Kind.ONESELF,
    "PUT /v1/me/dnd": Kind.ONESELF,
    "PUT /v1/me/contact-policy": Kind.ONESELF,
}
"""Where the path names nothing, but the query or the body might."""

NAMING = frozenset({"conversation_id", "workspace_id", "client_message_id", "ids", "from"})
"""Parameters of queries that name something."""
SAYING_WHICH = frozenset(
    {
        *("limit", "cursor", "before_seq", "after_seq", "before", "type", "kind", "archived", "direction", "state"),
        *("explain", "q", "username", "name"),
    }
)
"""Those that only choose among what is one's own to know."""


def kind_of(operation: Operation) -> Kind | None:
    """What an operation is about; None where nobody has said so."""
    if operation.access != "signed-in":
        return Kind.OPERATOR if operation.access == "operator" else Kind.ANYONE
    if not {*operation.query_parameters} <= NAMING | SAYING_WHICH:
        return None
    if operation.path_parameters:
        return BY_PATH.get(operation.path_parameters)
    may_name = bool(NAMING & {*operation.query_parameters} or operation.body_types)
    return BY_NAME.get(operation.name, None if may_name else Kind.ONESELF)


ABOUT_TARGETS = frozenset(
    {
        "PUT /v1/bookmarks/{type}/{target_id}",
        "DELETE /v1/bookmarks/{type}/{target_id}",
        "POST /v1/bookmarks/toggle",
        "GET /v1/bookmarks/check",
    }
)
"""These name a message or a file."""

FORBIDDEN: Mapping[str, tuple[int, int, int]] = {
    "PATCH /v1/conversations/{conversation_id}": (403, 200, 200),
    "DELETE /v1/conversations/{conversation_id}": (403, 403, 200),
    "POST /v1/conversations/{conversation_id}/participants": (403, 201, 201),
    "DELETE /v1/conversations/{conversation_id}/participants/{user_id}": (403, 200, 200),
    "PATCH /v1/conversations/{conversation_id}/participants/{user_id}": (403, 403, 200),
    "PATCH /v1/conversations/{conversation_id}/messages/{message_id}": (403, 403, 200),
    "POST /v1/conversations/{conversation_id}/messages/{message_id}/unsend": (403, 200, 200),
    "POST /v1/message-requests/{conversation_id}/accept": (404, 404, 404),
    "POST /v1/message-requests/{conversation_id}/decline": (404, 404, 404),
}
"""In a group, where not everybody may do everything: what a member, an admin and the owner are answered. The message
is the owner's; the person is a member; a group is no message request."""

CONFLICTS_WHEN_DIRECT = frozenset(
    {
        "PATCH /v1/conversations/{conversation_id}",
        "DELETE /v1/conversations/{conversation_id}",
        "POST /v1/conversations/{conversation_id}/participants",
        "DELETE /v1/conversations/{conversation_id}/participants/{user_id}",
        "PATCH /v1/conversations/{conversation_id}/participants/{user_id}",
    }
)
"""A direct conversation has its two people and nothing to change: 409."""

FOUND_NOTHING: Mapping[str, int] = {
    "GET /v1/messages/search": 200,
    "GET /v1/bookmarks/check": 200,
    "DELETE /v1/bookmarks/{type}/{target_id}": 200,
}
"""What answers of things that are not there, or not one's own, as of a list that they are not in, and not with 404."""


def _where(ids: Ids) -> Any:
    return {"conversation_id": ids["conversation_id"]} if ids["type"] == "message" else {}


def toggled(ids: Ids) -> Any:
    """The body that keeps a target, or keeps it no more."""
    return {"type": ids["type"], "target_id": ids["target_id"], **_where(ids)}


BODIES: Mapping[str, Callable[[Ids], Any]] = {
    "POST /v1/conversations/{conversation_id}/messages": lambda _: {
        "client_message_id": str(uuid4()),
        "content_type": "text",
        "content": "Good morning",
    },
    "PATCH /v1/conversations/{conversation_id}/messages/{message_id}": lambda _: {"content": "Good evening"},
    "POST /v1/conversations/{conversation_id}/delivered": lambda _: {"seq": 1},
    "POST /v1/conversations/{conversation_id}/read": lambda _: {"seq": 1},
    "PUT /v1/conversations/{conversation_id}/messages/{message_id}/reaction": lambda _: {"kind": "like"},
    "PATCH /v1/conversations/{conversation_id}": lambda _: {"title": "Another title"},
    "POST /v1/conversations/{conversation_id}/participants": lambda ids: {"user_id": ids["newcomer_id"]},
    "PATCH /v1/conversations/{conversation_id}/participants/{user_id}": lambda _: {"role": "admin"},
    "POST /v1/conversations": lambda ids: {"kind": "direct", "participant_ids": [ids["newcomer_id"]]},
    "POST /v1/bookmarks/toggle": toggled,
    "PUT /v1/bookmarks/{type}/{target_id}": _where,
    "PATCH /v1/bookmarks/{bookmark_id}": lambda _: {"note": "Another note"},
    "POST /v1/agents": lambda _: {"username": f"agent_{uuid4().hex[:12]}", "display_name": "An agent"},
    "PATCH /v1/me": lambda _: {"display_name": "Another name"},
    "PUT /v1/me/status": lambda _: {"text": "Tea"},
    "PUT /v1/me/dnd": lambda _: {"enabled": True},
    "PUT /v1/me/contact-policy": lambda _: {"policy": "open"},
}
"""A body that is allowed, for each operation that takes one from whoever is signed in."""

QUERIES: Mapping[str, Callable[[Ids], Mapping[str, str]]] = {
    "GET /v1/messages/search": lambda ids: {"q": ids["word"], "conversation_id": ids["conversation_id"]},
    "GET /v1/bookmarks/check": lambda ids: {"type": ids["type"], "ids": ids["target_id"]},
    "POST /v1/files": lambda _: {"name": "notes.txt"},
    "GET /v1/users": lambda ids: {"ids": ids["user_id"]},
    "GET /v1/users/status": lambda ids: {"ids": ids["user_id"]},
}
"""A query, for each operation that needs one to name something, or at all."""

RAW: Mapping[str, tuple[str, bytes]] = {"POST /v1/files": ("application/octet-stream", b"a few notes")}
"""The type and the bytes of a body that is not JSON."""
