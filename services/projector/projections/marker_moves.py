"""One row: somebody's marker came to stand somewhere further on."""

from collections.abc import Iterator

from services.projector.new_rows import NewRows
from services.projector.projection import Batch, Change, Projection
from shared.events.messages import MessagesDelivered, MessagesRead

projection = Projection("marker_moves", tables=("marker_moves",))

new_moves = NewRows(
    "marker_moves",
    key="conversation_id, user_id, kind, seq",
    conversation_id="uuid",
    user_id="uuid",
    seq="bigint",
    moved_at="timestamptz",
    kind="text",
)


@projection.on(MessagesDelivered, rows=("stream_id", "actor", "seq"))
def keep_delivered(events: Batch[MessagesDelivered]) -> Iterator[Change]:
    yield new_moves.added(events.rows("stream_id", "actor", "seq", "time", lambda _: "delivered"))


@projection.on(MessagesRead, rows=("stream_id", "actor", "seq"))
def keep_read(events: Batch[MessagesRead]) -> Iterator[Change]:
    yield new_moves.added(events.rows("stream_id", "actor", "seq", "time", lambda _: "read"))
