"""The tables that clients fill: what is compared of each."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

Row = dict[str, Any]
Tables = dict[str, dict[str, Row]]
"""Rows by the names of their tables and by their keys, whose columns are one text. A row has what else is compared."""


class Columns(NamedTuple):
    """The columns of a table's key, and the others that are compared."""

    key: tuple[str, ...]
    others: tuple[str, ...]


def _columns(key: str, others: str) -> Columns:
    return Columns(tuple(key.split()), tuple(others.split()))


COLUMNS: Mapping[str, Columns] = {
    "users": _columns("user_id", "username display_name avatar_url kind owner_id"),
    "contact_policies": _columns("user_id", "policy"),
    "user_statuses": _columns("user_id", "text dnd_enabled job_id expires_at"),
    "bookmarks": _columns("bookmark_id", "user_id target_type target_id conversation_id note created_at"),
    "files": _columns("file_id", "user_id name media_type size sha256 uploaded_at"),
    "conversations": _columns("conversation_id", "kind title avatar_url agent_id created_by last_seq"),
    "participants": _columns(
        "conversation_id user_id", "role delivered_seq read_seq pinned_at archived_at cleared_seq takes_part"
    ),
    "message_requests": _columns("conversation_id", "requester_id recipient_id state"),
    "messages": _columns(
        "conversation_id message_id",
        "seq sender_id role content_type content reply_to_id shared_post_id notice edited_at unsent",
    ),
    "message_attachments": _columns(
        "conversation_id message_id place", "kind file_id url name duration width height sort_order"
    ),
    "message_edits": _columns("conversation_id message_id version", "content"),
    "message_reactions": _columns("conversation_id message_id user_id", "kind reacted_at"),
    "marker_moves": _columns("conversation_id user_id kind seq", "moved_at"),
}
OF_ONE_CONVERSATION = tuple(name for name, columns in COLUMNS.items() if columns.key[0] == "conversation_id")


def no_rows() -> Tables:
    """Tables in which nothing is. What is told of a row that is not there makes one that is not whole."""
    return {name: defaultdict(dict) for name in COLUMNS}
