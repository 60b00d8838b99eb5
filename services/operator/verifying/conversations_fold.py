"""What the read tables about conversations must hold, folded one event at a time."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.operator.verifying.people_fold import Row, Rows
from services.operator.verifying.plain_records import Fact, time_or_none


@dataclass(slots=True)
class ConversationsFold:
    """Every row of these tables by its key, as the events so far have it."""

    conversations: Rows = field(default_factory=dict)
    participants: Rows = field(default_factory=dict)
    message_requests: Rows = field(default_factory=dict)
    messages: Rows = field(default_factory=dict)
    message_edits: Rows = field(default_factory=dict)
    message_attachments: Rows = field(default_factory=dict)
    message_reactions: Rows = field(default_factory=dict)
    marker_moves: Rows = field(default_factory=dict)
    edits_of: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    reacted_to: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    attached_to: dict[str, int] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)

    def fold(self, fact: Fact) -> None:
        """One more event of a conversation."""
        CLAUSES[fact.type](self, fact)

    def finish(self) -> None:
        """Takes away what belongs to deleted conversations, to which nothing happens any more."""
        for keyed in (
            self.conversations,
            self.participants,
            self.message_attachments,
            self.message_reactions,
            self.marker_moves,
        ):
            for key in [key for key in keyed if key[0] in self.deleted]:
                del keyed[key]
        for valued in (self.messages, self.message_edits):
            for key in [key for key, row in valued.items() if row["conversation_id"] in self.deleted]:
                del valued[key]

    def start(self, fact: Fact) -> None:
        data, at = fact.data, _when(fact)
        self.conversations[fact.stream,] = {
            "kind": data["kind"],
            "title": data.get("title"),
            "avatar_url": data.get("avatar_url"),
            "agent_id": data.get("agent_id"),
            "workspace_id": data.get("workspace_id"),
            "created_by": fact.actor,
            "created_at": at,
            "updated_at": fact.time,
            "last_seq": 0,
            "last_activity_at": at,
        }
        self.let_in(fact, fact.actor, "member" if data["kind"] == "direct" else "owner", 0)
        for person in data["participant_ids"]:
            self.let_in(fact, person, "member", 0)

    def change(self, fact: Fact, column: str) -> None:
        if conversation := self.conversations.get((fact.stream,)):
            conversation[column] = fact.data[column]
            conversation["updated_at"] = fact.time

    def let_in(self, fact: Fact, person: str, role: str, last_seq: int) -> None:
        self.participants[fact.stream, person] = {
            "role": role,
            "joined_at": _when(fact),
            "joined_seq": last_seq,
            "delivered_seq": last_seq,
            "delivered_at": None,
            "read_seq": last_seq,
            "read_at": None,
            "pinned_at": None,
            "archived_at": None,
            "cleared_seq": 0,
            "cleared_at": None,
            "takes_part": True,
        }

    def put_out(self, fact: Fact, person: str) -> None:
        self.participants.pop((fact.stream, person), None)

    def change_role(self, fact: Fact) -> None:
        if participant := self.participants.get((fact.stream, fact.data["user_id"])):
            participant["role"] = fact.data["role"]

    def arrange(self, fact: Fact, **columns: Any) -> None:
        if participant := self.participants.get((fact.stream, fact.actor)):
            participant.update(columns)

    def request(self, fact: Fact) -> None:
        recipient = fact.data["recipient_id"]
        self.message_requests[fact.stream,] = {
            "requester_id": fact.actor,
            "recipient_id": recipient,
            "state": "pending",
            "created_at": fact.time,
        }
        if participant := self.participants.get((fact.stream, recipient)):
            participant["takes_part"] = False

    def answer(self, fact: Fact, state: str) -> None:
        if request := self.message_requests.get((fact.stream,)):
            request["state"] = state

    def accept(self, fact: Fact) -> None:
        self.answer(fact, "accepted")
        self.arrange(fact, takes_part=True)

    def add_message(self, fact: Fact, message_id: str, more: Row) -> None:
        said_at = time_or_none(fact.data.get("occurred_at"))
        self.messages[message_id,] = {
            "conversation_id": fact.stream,
            "seq": fact.data["seq"],
            "sender_id": fact.actor,
            "created_at": fact.time,
            "occurred_at": said_at,
            "edited_at": None,
            "updated_at": fact.time,
            "unsent": False,
            "flagged": fact.data.get("flagged", False),
            **more,
        }
        if conversation := self.conversations.get((fact.stream,)):
            conversation["last_seq"] = fact.data["seq"]
            conversation["last_activity_at"] = said_at or fact.time

    def say(self, fact: Fact) -> None:
        self.add_message(fact, fact.command, _said(fact))
        attachments = fact.data.get("attachments", [])
        if attachments:
            self.attached_to[fact.command] = len(attachments)
        for place, attached in enumerate(attachments):
            self.message_attachments[fact.stream, fact.command, place] = {
                "kind": attached["kind"],
                "file_id": attached.get("file_id"),
                "url": attached.get("url"),
                "name": attached.get("name"),
                "duration": attached.get("duration"),
                "width": attached.get("width"),
                "height": attached.get("height"),
                "sort_order": attached.get("sort_order", 0),
            }

    def edit(self, fact: Fact) -> None:
        message = self.messages.get((fact.data["message_id"],))
        if message is None:
            return
        if not self.edits_of[fact.data["message_id"]]:
            self._keep_text(fact, 0, message["content"], message["occurred_at"] or message["created_at"])
        self._keep_text(fact, fact.version, fact.data["content"], _when(fact))
        flagged = fact.data.get("flagged", False)
        message.update(content=fact.data["content"], edited_at=_when(fact), updated_at=fact.time, flagged=flagged)

    def _keep_text(self, fact: Fact, version: int, content: Any, since: datetime) -> None:
        message_id = fact.data["message_id"]
        self.edits_of[message_id].append(version)
        self.message_edits[message_id, version] = {
            "conversation_id": fact.stream,
            "content": content,
            "edited_at": since,
        }

    def unsend(self, fact: Fact) -> None:
        for version in self.edits_of.pop(fact.data["message_id"], []):
            self.message_edits.pop((fact.data["message_id"], version), None)
        if message := self.messages.get((fact.data["message_id"],)):
            message.update(
                content=None,
                reply_to_id=None,
                shared_post_id=None,
                edited_at=None,
                updated_at=fact.time,
                unsent=True,
                flagged=False,
            )
        for place in range(self.attached_to.pop(fact.data["message_id"], 0)):
            self.message_attachments.pop((fact.stream, fact.data["message_id"], place), None)
        for person in self.reacted_to.pop(fact.data["message_id"], set()):
            self.message_reactions.pop((fact.stream, fact.data["message_id"], person), None)

    def react(self, fact: Fact) -> None:
        self.reacted_to[fact.data["message_id"]].add(fact.actor)
        self.message_reactions[fact.stream, fact.data["message_id"], fact.actor] = {
            "kind": fact.data["kind"],
            "reacted_at": fact.time,
        }

    def take_reaction_back(self, fact: Fact) -> None:
        self.message_reactions.pop((fact.stream, fact.data["message_id"], fact.actor), None)

    def _move(self, fact: Fact, marker: str) -> None:
        participant = self.participants.get((fact.stream, fact.actor))
        if participant is not None and fact.data["seq"] > participant[f"{marker}_seq"]:
            participant[f"{marker}_seq"] = fact.data["seq"]
            participant[f"{marker}_at"] = fact.time

    def deliver(self, fact: Fact) -> None:
        self._move(fact, "delivered")
        self._keep_move(fact, "delivered")

    def read(self, fact: Fact) -> None:
        self._move(fact, "delivered")
        self._move(fact, "read")
        self._keep_move(fact, "read")

    def _keep_move(self, fact: Fact, kind: str) -> None:
        self.marker_moves.setdefault((fact.stream, fact.actor, kind, fact.data["seq"]), {"moved_at": fact.time})


def _when(fact: Fact) -> datetime:
    return time_or_none(fact.data.get("occurred_at")) or fact.time


def _said(fact: Fact) -> Row:
    return {
        "role": fact.data.get("role", "user"),
        "client_message_id": fact.data["client_message_id"],
        "content_type": fact.data.get("content_type", "text"),
        "content": fact.data["content"],
        "reply_to_id": fact.data.get("reply_to_id"),
        "agent_id": fact.data.get("agent_id"),
        "shared_post_id": fact.data.get("shared_post_id"),
        "notice": None,
        "about_id": None,
        "notice_title": None,
        "notice_role": None,
    }


def _noted(fact: Fact) -> Row:
    return {
        "role": "system",
        "client_message_id": None,
        "content_type": "text",
        "content": None,
        "reply_to_id": None,
        "agent_id": None,
        "shared_post_id": None,
        "notice": fact.data["notice"],
        "about_id": fact.data.get("about_id"),
        "notice_title": fact.data.get("title"),
        "notice_role": fact.data.get("role"),
    }


CLAUSES: dict[str, Callable[[ConversationsFold, Fact], object]] = {
    "verbatim.conversation.started.v1": ConversationsFold.start,
    "verbatim.conversation.renamed.v1": lambda fold, fact: fold.change(fact, "title"),
    "verbatim.conversation.avatar_changed.v1": lambda fold, fact: fold.change(fact, "avatar_url"),
    "verbatim.conversation.agent_assigned.v1": lambda fold, fact: fold.change(fact, "agent_id"),
    "verbatim.conversation.participant_added.v1": lambda fold, fact: fold.let_in(
        fact, fact.data["user_id"], fact.data.get("role", "member"), fact.data["last_seq"]
    ),
    "verbatim.conversation.participant_removed.v1": lambda fold, fact: fold.put_out(fact, fact.data["user_id"]),
    "verbatim.conversation.participant_left.v1": lambda fold, fact: fold.put_out(fact, fact.actor),
    "verbatim.conversation.participant_role_changed.v1": ConversationsFold.change_role,
    "verbatim.conversation.pinned.v1": lambda fold, fact: fold.arrange(fact, pinned_at=fact.time),
    "verbatim.conversation.unpinned.v1": lambda fold, fact: fold.arrange(fact, pinned_at=None),
    "verbatim.conversation.archived.v1": lambda fold, fact: fold.arrange(fact, archived_at=fact.time),
    "verbatim.conversation.unarchived.v1": lambda fold, fact: fold.arrange(fact, archived_at=None),
    "verbatim.conversation.cleared.v1": lambda fold, fact: fold.arrange(
        fact, cleared_seq=fact.data["up_to_seq"], cleared_at=fact.time
    ),
    "verbatim.conversation.deleted.v1": lambda fold, fact: fold.deleted.add(fact.stream),
    "verbatim.message_request.made.v1": ConversationsFold.request,
    "verbatim.message_request.accepted.v1": ConversationsFold.accept,
    "verbatim.message_request.declined.v1": lambda fold, fact: fold.answer(fact, "declined"),
    "verbatim.message.sent.v1": ConversationsFold.say,
    "verbatim.message.system_sent.v1": lambda fold, fact: fold.add_message(fact, fact.data["message_id"], _noted(fact)),
    "verbatim.message.edited.v1": ConversationsFold.edit,
    "verbatim.message.unsent.v1": ConversationsFold.unsend,
    "verbatim.message.reaction_set.v1": ConversationsFold.react,
    "verbatim.message.reaction_removed.v1": ConversationsFold.take_reaction_back,
    "verbatim.message.delivered.v1": ConversationsFold.deliver,
    "verbatim.message.read.v1": ConversationsFold.read,
}
