"""One row: how somebody reacts to a message. It comes behind messages in PROJECTIONS: by then a message that a batch
unsends is unsent, so that it takes no reaction any more, in whatever order the two stand."""

from collections.abc import Iterator

from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.messages import MessageUnsent, ReactionRemoved, ReactionSet

projection = Projection("message_reactions", tables=("message_reactions",))


@projection.on(ReactionSet, rows=("message_id", "actor"), settles=("reaction",))
def react(events: Batch[ReactionSet]) -> Iterator[Change]:
    yield Statement(
        """
        INSERT INTO message_reactions (conversation_id, message_id, user_id, kind, reacted_at)
        SELECT reacted.*
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])
                AS reacted (conversation_id, message_id, user_id, kind, at)
            JOIN messages USING (message_id)
        WHERE NOT messages.unsent
        ON CONFLICT (conversation_id, message_id, user_id) DO UPDATE SET
            kind = excluded.kind, reacted_at = excluded.reacted_at
        """,
        *events.columns("stream_id", "message_id", "actor", "kind", "time"),
    )


@projection.on(ReactionRemoved, rows=("message_id", "actor"), settles=("reaction",))
def take_back(events: Batch[ReactionRemoved]) -> Iterator[Change]:
    yield Statement(
        """
        DELETE FROM message_reactions
        USING unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS gone (conversation_id, message_id, user_id)
        WHERE message_reactions.conversation_id = gone.conversation_id
            AND message_reactions.message_id = gone.message_id AND message_reactions.user_id = gone.user_id
        """,
        *events.columns("stream_id", "message_id", "actor"),
    )


@projection.on(MessageUnsent, rows="message_id")
def forget(events: Batch[MessageUnsent]) -> Iterator[Change]:
    yield Statement(
        """
        DELETE FROM message_reactions USING unnest($1::uuid[], $2::uuid[]) AS unsent (conversation_id, message_id)
        WHERE message_reactions.conversation_id = unsent.conversation_id
            AND message_reactions.message_id = unsent.message_id
        """,
        *events.columns("stream_id", "message_id"),
    )
