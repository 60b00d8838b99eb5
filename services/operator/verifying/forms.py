"""What a record must look like, written down once more, by hand: the envelope's attributes and each event's fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CLAIM_TYPE = "verbatim.partition.claimed.v1"
EVENT_ATTRIBUTES = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "sequence", "claim", "fingerprint", "actor", "data"}
)
CLAIM_ATTRIBUTES = frozenset({"specversion", "id", "source", "type", "time", "data"})

TEXT = (str,)
TEXT_OR_NULL = (str, type(None))
NUMBER = (int,)
NUMBER_OR_NULL = (int, type(None))
SECONDS_OR_NULL = (float, int, type(None))
TRUTH = (bool,)
LIST = (list,)

Fields = dict[str, tuple[type, ...]]


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of an event's data: those that must be there, and those that may be left out.

    `each` has the form of what is in a list, for lists of objects.
    """

    kind: str
    needed: Fields
    optional: Fields = field(default_factory=dict)
    each: Mapping[str, "Form"] = field(default_factory=dict)

    def fault(self, data: Any) -> str | None:
        """What is wrong with the data of such an event; None if nothing is."""
        if not isinstance(data, dict):
            return "data is no object"
        for name, types in self.needed.items():
            if name not in data:
                return f"data lacks {name}"
            if not _is_one_of(data[name], types):
                return f"data.{name} is of the wrong type"
        for name, value in data.items():
            if name not in self.needed and not _is_one_of(value, self.optional.get(name, ())):
                return f"data.{name} is of the wrong type, or not a field of this event"
        faults = (form.fault(item) for name, form in self.each.items() for item in data.get(name, ()))
        return next((fault for fault in faults if fault is not None), None)


def _is_one_of(value: Any, types: tuple[type, ...]) -> bool:
    return type(value) in types  # exactly: true is no number


ATTACHMENT = Form(
    "conversations",
    {"kind": TEXT},
    {
        "file_id": TEXT_OR_NULL,
        "url": TEXT_OR_NULL,
        "name": TEXT_OR_NULL,
        "duration": SECONDS_OR_NULL,
        "width": NUMBER_OR_NULL,
        "height": NUMBER_OR_NULL,
        "sort_order": NUMBER,
    },
)
FORMS: dict[str, Form] = {
    "verbatim.conversation.started.v1": Form(
        "conversations",
        {"kind": TEXT, "participant_ids": LIST},
        {
            "title": TEXT_OR_NULL,
            "avatar_url": TEXT_OR_NULL,
            "agent_id": TEXT_OR_NULL,
            "workspace_id": TEXT_OR_NULL,
            "occurred_at": TEXT_OR_NULL,
        },
    ),
    "verbatim.conversation.renamed.v1": Form("conversations", {"title": TEXT_OR_NULL}),
    "verbatim.conversation.avatar_changed.v1": Form("conversations", {"avatar_url": TEXT_OR_NULL}),
    "verbatim.conversation.agent_assigned.v1": Form("conversations", {"agent_id": TEXT_OR_NULL}),
    "verbatim.conversation.participant_added.v1": Form(
        "conversations", {"user_id": TEXT, "last_seq": NUMBER}, {"role": TEXT, "occurred_at": TEXT_OR_NULL}
    ),
    "verbatim.conversation.participant_removed.v1": Form("conversations", {"user_id": TEXT}),
    "verbatim.conversation.participant_left.v1": Form("conversations", {}),
    "verbatim.conversation.participant_role_changed.v1": Form("conversations", {"user_id": TEXT, "role": TEXT}),
    "verbatim.conversation.pinned.v1": Form("conversations", {}),
    "verbatim.conversation.unpinned.v1": Form("conversations", {}),
    "verbatim.conversation.archived.v1": Form("conversations", {}),
    "verbatim.conversation.unarchived.v1": Form("conversations", {}),
    "verbatim.conversation.cleared.v1": Form("conversations", {"up_to_seq": NUMBER}),
    "verbatim.conversation.deleted.v1": Form("conversations", {}),
    "verbatim.message_request.made.v1": Form("conversations", {"recipient_id": TEXT}),
    "verbatim.message_request.accepted.v1": Form("conversations", {}),
    "verbatim.message_request.declined.v1": Form("conversations", {}),
    "verbatim.message.sent.v1": Form(
        "conversations",
        {"seq": NUMBER, "content": TEXT, "client_message_id": TEXT},
        {
            "content_type": TEXT,
            "reply_to_id": TEXT_OR_NULL,
            "role": TEXT,
            "agent_id": TEXT_OR_NULL,
            "occurred_at": TEXT_OR_NULL,
            "flagged": TRUTH,
            "policy_version": TEXT_OR_NULL,
            "attachments": LIST,
            "shared_post_id": TEXT_OR_NULL,
        },
        {"attachments": ATTACHMENT},
    ),
    "verbatim.message.system_sent.v1": Form(
        "conversations",
        {"message_id": TEXT, "seq": NUMBER, "notice": TEXT},
        {"about_id": TEXT_OR_NULL, "title": TEXT_OR_NULL, "role": TEXT_OR_NULL},
    ),
    "verbatim.message.edited.v1": Form(
        "conversations",
        {"message_id": TEXT, "content": TEXT},
        {"occurred_at": TEXT_OR_NULL, "flagged": TRUTH, "policy_version": TEXT_OR_NULL},
    ),
    "verbatim.message.unsent.v1": Form("conversations", {"message_id": TEXT}),
    "verbatim.message.reaction_set.v1": Form("conversations", {"message_id": TEXT, "kind": TEXT}),
    "verbatim.message.reaction_removed.v1": Form("conversations", {"message_id": TEXT}),
    "verbatim.message.delivered.v1": Form("conversations", {"seq": NUMBER}),
    "verbatim.message.read.v1": Form("conversations", {"seq": NUMBER}),
    "verbatim.user.registered.v1": Form("users", {"username": TEXT, "display_name": TEXT}, {"kind": TEXT}),
    "verbatim.user.display_name_changed.v1": Form("users", {"display_name": TEXT}),
    "verbatim.user.avatar_changed.v1": Form("users", {"avatar_url": TEXT_OR_NULL}),
    "verbatim.user.contact_policy_set.v1": Form("users", {"policy": TEXT}),
    "verbatim.user.deactivated.v1": Form("users", {}),
    "verbatim.status.set.v1": Form(
        "users",
        {},
        {
            "emoji": TEXT_OR_NULL,
            "text": TEXT_OR_NULL,
            "dnd_enabled": TRUTH,
            "expires_at": TEXT_OR_NULL,
            "job_id": TEXT_OR_NULL,
        },
    ),
    "verbatim.status.dnd_set.v1": Form("users", {"enabled": TRUTH}),
    "verbatim.status.cleared.v1": Form("users", {"reason": TEXT}, {"job_id": TEXT_OR_NULL, "due_at": TEXT_OR_NULL}),
    "verbatim.file.uploaded.v1": Form(
        "users", {"file_id": TEXT, "name": TEXT, "media_type": TEXT, "size": NUMBER, "sha256": TEXT}
    ),
    "verbatim.bookmark.toggled.v1": Form(
        "users",
        {"bookmark_id": TEXT, "target_type": TEXT, "target_id": TEXT, "bookmarked": TRUTH},
        {"conversation_id": TEXT_OR_NULL, "note": TEXT_OR_NULL},
    ),
    "verbatim.bookmark.note_changed.v1": Form("users", {"bookmark_id": TEXT, "note": TEXT_OR_NULL}),
}
