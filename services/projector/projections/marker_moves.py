"""One row: somebody's marker came to stand somewhere further on."""

from services.projector.projection import Batch, Connection, Projection
from shared.events.messages import MessagesDelivered, MessagesRead

projection = Projection("marker_moves", tables=("marker_moves",))

KEEP = """
    INSERT INTO marker_moves (conversation_id, user_id, kind, seq, moved_at)
    SELECT conversation_id, user_id, $5, seq, moved_at
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[])
        AS moved (conversation_id, user_id, seq, moved_at)
    ON CONFLICT (conversation_id, user_id, kind, seq) DO NOTHING
    """


@projection.on(MessagesDelivered, rows=lambda recorded: (recorded.stream_id, recorded.actor, recorded.event.seq))
async def keep_delivered(events: Batch[MessagesDelivered], connection: Connection) -> None:
    await connection.execute(KEEP, *events.columns("stream_id", "actor", "seq", "time"), "delivered")


@projection.on(MessagesRead, rows=lambda recorded: (recorded.stream_id, recorded.actor, recorded.event.seq))
async def keep_read(events: Batch[MessagesRead], connection: Connection) -> None:
    await connection.execute(KEEP, *events.columns("stream_id", "actor", "seq", "time"), "read")
