"""What each kind of wish must be recorded as, and when it is true that nothing had to be recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from tests.blackbox.history import Wish
from tests.blackbox.tables import Row, Tables

Answer = Mapping[str, Any]
NOTICE = "message.system_sent"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an answer is held against which says that nothing had to be recorded: all that was recorded by then.

    `at`: when it was given, in UTC.
    """

    wish: Wish
    answer: Answer
    tables: Tables
    at: datetime

    def row(self, table: str, *key: str) -> Row | None:
        """A row by its key."""
        return self.tables[table].get(" ".join(key))

    @property
    def own_place(self) -> Row:
        """The row of who asked, in the conversation; empty when there is none."""
        return self.row("participants", self.wish.stream, self.wish.actor) or {}

    @property
    def own_reaction(self) -> Row | None:
        """How who asked reacts to the message."""
        return self.row("message_reactions", self.wish.stream, self.wish.ids["message_id"], self.wish.actor)

    @property
    def bookmark(self) -> Row | None:
        """The bookmark that it is about."""
        return self.row("bookmarks", self.wish.ids["bookmark_id"])


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of wish.

    `event`: what it is recorded as; `beside`: what may stand with it in the same command, as the whole in order, where
    the event does not stand alone. `says`: the fields of the event that follow from wish and answer. `already`: whether
    it was so before; None: it never is, each wish of the kind changes something.
    """

    event: str
    says: Callable[[Wish, Answer], Mapping[str, Any]]
    beside: tuple[tuple[str, ...], ...] = ()
    already: Callable[[Standing], bool] | None = None

    def may_be(self, types: tuple[str, ...]) -> bool:
        """Whether its command may be recorded as these events."""
        return types in (self.beside or ((self.event,),))


def _nothing(_: Wish, __: Answer) -> Mapping[str, Any]:
    return {}


def _asked(*names: str) -> Callable[[Wish, Answer], Mapping[str, Any]]:
    return lambda wish, _: {name: wish.body[name] for name in names}


def _of_message(*names: str) -> Callable[[Wish, Answer], Mapping[str, Any]]:
    return lambda wish, _: {"message_id": wish.ids["message_id"], **{name: wish.body[name] for name in names}}


def _about(wish: Wish, _: Answer) -> Mapping[str, Any]:
    return {"user_id": wish.ids["user_id"]}


def _role(wish: Wish, _: Answer) -> Mapping[str, Any]:
    return {"user_id": wish.ids["user_id"], "role": wish.body["role"]}


def _said(wish: Wish, answer: Answer) -> Mapping[str, Any]:
    own = answer["message_id"] == wish.command_id
    said = {**wish.body, "seq": answer["seq"] if own else None}
    if "attachments" in said:
        said["attachments"] = [_attached(each) for each in sorted(said["attachments"], key=lambda it: it["sort_order"])]
    return said


def _attached(attachment: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in attachment.items() if value != 0}  # a sort_order of 0 goes without saying


def _started(wish: Wish, answer: Answer) -> Mapping[str, Any]:
    agents = [wish.body["agent_id"]] if "agent_id" in wish.body else []
    others = [*agents, *wish.body.get("participant_ids", [])]
    own = answer["conversation_id"] == wish.stream
    return {"kind": wish.body["kind"], "title": wish.body.get("title"), "participant_ids": others if own else None}


def _uploaded(wish: Wish, answer: Answer) -> Mapping[str, Any]:
    assert wish.content is not None
    name, content = wish.content
    said = {"name": name, "media_type": "text/plain", "size": len(content), "sha256": sha256(content).hexdigest()}
    return {**said, "file_id": answer["file_id"] if answer["file_id"] == wish.command_id else None}


def _status(wish: Wish, answer: Answer) -> Mapping[str, Any]:
    return {"text": wish.body["text"], "job_id": answer["job_id"]}


def _toggled(wish: Wish, answer: Answer) -> Mapping[str, Any]:
    target = wish.body.get("target_id") or wish.ids["target_id"]
    return {"target_id": target, "bookmarked": answer["bookmarked"], "bookmark_id": answer["bookmark_id"]}


def _kept(wish: Wish, answer: Answer) -> Mapping[str, Any]:
    return {"bookmark_id": answer["bookmark_id"] if answer["bookmarked"] else None, "note": wish.body["note"]}


def _agent_made(wish: Wish, answer: Answer) -> Mapping[str, Any]:
    own = answer["user_id"] == wish.stream
    return {"username": wish.body["username"] if own else None, "display_name": wish.body["display_name"]}


def _arranged(column: str, event: str, *, on: bool) -> Kind:
    return Kind(event, _nothing, already=lambda now: (now.own_place.get(column) is not None) == on)


def _marked(marker: str) -> Kind:
    def already(now: Standing) -> bool:
        stands: int = now.own_place.get(f"{marker}_seq", -1)
        return bool(stands >= now.wish.body["seq"] and stands == now.answer[f"{marker}_seq"])

    return Kind(f"message.{marker}", _asked("seq"), already=already)


def _request_stands(state: str) -> Callable[[Standing], bool]:
    return lambda now: (now.row("message_requests", now.wish.stream) or {}).get("state") == state


def _is_cleared(now: Standing) -> bool:
    conversation = now.row("conversations", now.wish.stream) or {}
    return bool(conversation.get("last_seq") == now.own_place.get("cleared_seq") == now.answer["cleared_seq"])


def _has_policy(now: Standing) -> bool:
    said = now.row("contact_policies", now.wish.actor) or {"policy": "open"}
    return bool(said["policy"] == now.wish.body["policy"])


def _has_dnd(now: Standing) -> bool:
    """Past its end a status counts no more, its do-not-disturb included, though its end is not recorded yet."""
    status, wanted = now.row("user_statuses", now.wish.actor) or {}, now.wish.body["enabled"]
    has_ended = status.get("expires_at") is not None and status["expires_at"] <= now.at
    return bool(status.get("dnd_enabled", False) == wanted) or (has_ended and not wanted)


def _has_role(now: Standing) -> bool:
    participant = now.row("participants", now.wish.stream, now.wish.ids["user_id"]) or {}
    return bool(participant.get("role") == now.wish.body["role"])


def _answers_here(now: Standing) -> bool:
    conversation = now.row("conversations", now.wish.stream)
    return conversation is not None and bool(conversation["agent_id"] == now.wish.body["agent_id"])


def _is_unsent(now: Standing) -> bool:
    return bool((now.row("messages", now.wish.stream, now.wish.ids["message_id"]) or {}).get("unsent"))


def _reacts_so(now: Standing) -> bool:
    return now.own_reaction is not None and now.own_reaction["kind"] == now.wish.body["kind"]


def _is_in(now: Standing) -> bool:
    return now.row("participants", now.wish.stream, now.wish.ids["user_id"]) is not None


KEPT = Kind(
    "bookmark.toggled",
    _kept,
    beside=(("bookmark.toggled",), ("bookmark.note_changed",)),
    already=lambda now: now.bookmark is not None and now.bookmark["note"] == now.wish.body["note"],
)
ROLE = "conversation.participant_role_changed"
LEFT = "conversation.participant_left"
KINDS: Mapping[str, Kind] = {
    "sent": Kind("message.sent", _said, beside=(("message.sent",), ("message_request.accepted", "message.sent"))),
    "sent pictures": Kind("message.sent", _said),
    "shared a post": Kind("message.sent", _said),
    "sent a file": Kind("message.sent", _said),
    "edited": Kind("message.edited", _of_message("content")),
    "unsent": Kind("message.unsent", _of_message(), already=_is_unsent),
    "reacted": Kind("message.reaction_set", _of_message("kind"), already=_reacts_so),
    "took reaction back": Kind("message.reaction_removed", _of_message(), already=lambda now: now.own_reaction is None),
    "delivered": _marked("delivered"),
    "read": _marked("read"),
    "started": Kind("conversation.started", _started),
    "started direct": Kind(
        "conversation.started",
        _started,
        beside=(("conversation.started",), ("conversation.started", "message_request.made")),
        already=lambda now: now.row("conversations", now.wish.stream) is not None,
    ),
    "renamed": Kind("conversation.renamed", _asked("title"), beside=(("conversation.renamed", NOTICE),)),
    "renamed untold": Kind("conversation.renamed", _asked("title")),
    "changed picture": Kind("conversation.avatar_changed", _asked("avatar_url")),
    "assigned agent": Kind("conversation.agent_assigned", _asked("agent_id"), already=_answers_here),
    "deleted": Kind("conversation.deleted", _nothing),
    "added": Kind(
        "conversation.participant_added", _about, beside=(("conversation.participant_added", NOTICE),), already=_is_in
    ),
    "removed": Kind("conversation.participant_removed", _about, beside=(("conversation.participant_removed", NOTICE),)),
    "removed untold": Kind("conversation.participant_removed", _about),
    "left": Kind(LEFT, _nothing, beside=((LEFT, NOTICE),)),
    "left to an heir": Kind(LEFT, _nothing, beside=((LEFT, NOTICE, ROLE, NOTICE),)),
    "left as the last": Kind(LEFT, _nothing, beside=((LEFT, "conversation.deleted"),)),
    "changed role": Kind(ROLE, _role, beside=((ROLE, NOTICE),), already=_has_role),
    "handed over": Kind(ROLE, _role, beside=((ROLE, NOTICE, ROLE, NOTICE),), already=_has_role),
    "pinned": _arranged("pinned_at", "conversation.pinned", on=True),
    "unpinned": _arranged("pinned_at", "conversation.unpinned", on=False),
    "archived": _arranged("archived_at", "conversation.archived", on=True),
    "unarchived": _arranged("archived_at", "conversation.unarchived", on=False),
    "cleared": Kind(
        "conversation.cleared", lambda _, answer: {"up_to_seq": answer["cleared_seq"]}, already=_is_cleared
    ),
    "accepted request": Kind("message_request.accepted", _nothing, already=_request_stands("accepted")),
    "declined request": Kind("message_request.declined", _nothing, already=_request_stands("declined")),
    "set contact policy": Kind("user.contact_policy_set", _asked("policy"), already=_has_policy),
    "changed profile": Kind(
        "user.display_name_changed",
        _asked("display_name"),
        beside=(("user.display_name_changed", "user.avatar_changed"),),
    ),
    "made agent": Kind("user.registered", _agent_made),
    "left for good": Kind("user.deactivated", _nothing),
    "uploaded": Kind("file.uploaded", _uploaded),
    "set status": Kind("status.set", _status),
    "cleared status": Kind(
        "status.cleared",
        lambda _, __: {"reason": "cleared"},
        already=lambda now: now.row("user_statuses", now.wish.actor) is None,
    ),
    "set dnd": Kind(
        "status.dnd_set",
        _asked("enabled"),
        beside=(("status.dnd_set",), ("status.cleared", "status.dnd_set")),
        already=_has_dnd,
    ),
    "toggled bookmark": Kind("bookmark.toggled", _toggled),
    "kept": KEPT,
    "kept a file": KEPT,
    "kept no longer": Kind("bookmark.toggled", _toggled, already=lambda now: now.bookmark is None),
    "changed note": Kind("bookmark.note_changed", _kept),
}
"""By their names. What is "refused", or has another content under a key, is of no kind: it must not be recorded."""
