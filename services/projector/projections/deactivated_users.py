"""No row: of who has left for good no status and no bookmark stays. Nothing follows that in their stream, so this comes
behind everything that the other projections make of the same batch."""

from services.projector.projection import Batch, Connection, Projection
from shared.events.people import UserDeactivated

projection = Projection("deactivated_users", tables=())


@projection.on(UserDeactivated, rows=lambda recorded: recorded.stream_id)
async def forget(events: Batch[UserDeactivated], connection: Connection) -> None:
    (user_ids,) = events.columns("stream_id")
    await connection.execute("DELETE FROM user_statuses WHERE user_id = ANY ($1::uuid[])", user_ids)
    await connection.execute("DELETE FROM bookmarks WHERE user_id = ANY ($1::uuid[])", user_ids)
