"""Who may ask about a conversation: whoever is in it now. To everybody else it does not exist, nor does to them what
they cleared."""

from dataclasses import dataclass

from services.projector.projection import Connection
from shared.identifiers import UserId
from shared.web.fields import Id, Parameters
from shared.web.problems import NotFound


class OfConversation(Parameters):
    """The conversation in the path."""

    conversation_id: Id


class OfMessage(Parameters):
    """The conversation and the message in the path."""

    conversation_id: Id
    message_id: Id


async def must_be_in(connection: Connection, conversation_id: str, user_id: UserId) -> None:
    """Raises NotFound unless this person is in the conversation, and it exists."""
    await cleared_seq_of(connection, conversation_id, user_id)


async def cleared_seq_of(connection: Connection, conversation_id: str, user_id: UserId) -> int:
    """Up to which message this person has cleared the conversation, 0 where they have not.

    Raises NotFound unless they are in it, and it exists.
    """
    found: int | None = await connection.fetchval(
        "SELECT cleared_seq FROM participants WHERE conversation_id = $1 AND user_id = $2", conversation_id, user_id
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands, and who sent it."""

    seq: int
    sender_id: UserId


async def message_read_by(connection: Connection, user_id: UserId, path: OfMessage) -> Place:
    """Where this message of this conversation stands. Raises NotFound unless this person may read it, and it exists."""
    row = await connection.fetchrow(
        """
        SELECT seq, sender_id FROM messages JOIN participants USING (conversation_id)
        WHERE message_id = $1 AND conversation_id = $2 AND user_id = $3 AND seq > cleared_seq
        """,
        path.message_id,
        path.conversation_id,
        user_id,
    )
    if row is None:
        raise NotFound
    return Place(row["seq"], row["sender_id"])
