"""No row: of who has left for good no status and no bookmark stays. Nothing follows that in their stream, so this comes
behind everything that the other projections make of the same batch."""

from collections.abc import Iterator

from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.people import UserDeactivated

projection = Projection("deactivated_users", tables=())


@projection.on(UserDeactivated, rows="stream_id")
def forget(events: Batch[UserDeactivated]) -> Iterator[Change]:
    (user_ids,) = events.columns("stream_id")
    yield Statement("DELETE FROM user_statuses WHERE user_id = ANY ($1::uuid[])", user_ids)
    yield Statement("DELETE FROM bookmarks WHERE user_id = ANY ($1::uuid[])", user_ids)
