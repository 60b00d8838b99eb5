"""How much of a conversation is unread, and which messages make that up."""

import msgspec
from pydantic import Field

from services.projector.questioning import Asked
from services.projector.questions.membership import OfConversation
from shared.identifiers import MessageId
from shared.web.fields import Nothing, Parameters
from shared.web.problems import NotFound
from shared.web.routes import Route

EXPLAINED_LIMIT = 1_000
UNREAD_COUNT = """
    greatest(0, conversations.last_seq - greatest(me.read_seq, me.cleared_seq)
        - (
            SELECT count(*) FROM messages
            WHERE messages.conversation_id = me.conversation_id AND messages.seq > greatest(me.read_seq, me.cleared_seq)
                AND (messages.unsent OR messages.role = 'system')
        )
        - (
            SELECT count(*) FROM messages
            WHERE messages.conversation_id = me.conversation_id AND messages.seq > greatest(me.read_seq, me.cleared_seq)
                AND messages.sender_id = me.user_id AND NOT messages.unsent AND messages.role <> 'system'
        ))
    """
"""How many messages of `conversations` the participant `me` has not read: all behind what they have read or cleared,
since seqs have no gaps, less those that count for nobody, and their own. What is unread itself is not looked at."""


class HowUnread(Parameters):
    """With an explanation, or the count alone."""

    explain: bool = Field(False, description=f"also tell the marker and the first {EXPLAINED_LIMIT} message ids")


class UnreadView(msgspec.Struct, frozen=True):
    """What others sent after my read marker, without system messages, what was unsent, and what I cleared.

    When explained: `read_seq`, the marker, and `cleared_seq`, up to which I cleared, 0 where I did not: it is counted
    from the later one; the ids of the messages, the oldest first, and whether there are more than are listed. Else
    these four are null.
    """

    count: int
    read_seq: int | None
    cleared_seq: int | None
    message_ids: list[MessageId] | None
    has_more: bool | None


async def unread(asked: Asked[Nothing, OfConversation, HowUnread]) -> UnreadView:
    explain = asked.query.explain
    row = await asked.row(
        f"""
        SELECT me.read_seq, me.cleared_seq, {UNREAD_COUNT} AS count,
            ARRAY (
                SELECT message_id FROM messages
                WHERE messages.conversation_id = me.conversation_id
                    AND messages.seq > greatest(me.read_seq, me.cleared_seq)
                    AND messages.sender_id <> me.user_id AND messages.role <> 'system' AND NOT messages.unsent
                ORDER BY messages.seq LIMIT $3
            ) AS message_ids
        FROM participants AS me JOIN conversations USING (conversation_id)
        WHERE conversation_id = $1 AND user_id = $2
        """,  # noqa: S608  # a constant of ours
        asked.path.conversation_id,
        asked.by,
        EXPLAINED_LIMIT if explain else 0,
    )
    if row is None:
        raise NotFound
    if not explain:
        return UnreadView(row["count"], read_seq=None, cleared_seq=None, message_ids=None, has_more=None)
    has_more = row["count"] > len(row["message_ids"])
    return UnreadView(row["count"], row["read_seq"], row["cleared_seq"], row["message_ids"], has_more)


ROUTES = (
    Route(
        "GET",
        "/v1/conversations/{conversation_id}/unread",
        "How much I have not read here",
        handle=unread,
        answer=UnreadView,
        parameters=OfConversation,
        query=HowUnread,
        refusals=(NotFound,),
    ),
)
