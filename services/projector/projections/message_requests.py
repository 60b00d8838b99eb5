"""One row: a direct conversation that started as a request, and what became of that."""

from collections.abc import Iterator

from services.projector.new_rows import NewRows
from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.message_requests import MessageRequestAccepted, MessageRequestDeclined, MessageRequested

projection = Projection("message_requests", tables=("message_requests",))

new_requests = NewRows(
    "message_requests",
    key="conversation_id",
    conversation_id="uuid",
    requester_id="uuid",
    recipient_id="uuid",
    state="text",
    created_at="timestamptz",
)


@projection.on(MessageRequested, rows="stream_id")
def make(events: Batch[MessageRequested]) -> Iterator[Change]:
    yield new_requests.added(events.rows("stream_id", "actor", "recipient_id", lambda _: "pending", "time"))


@projection.on(MessageRequestAccepted, rows="stream_id", settles=("state",))
def accept(events: Batch[MessageRequestAccepted]) -> Iterator[Change]:
    yield Statement(
        "UPDATE message_requests SET state = 'accepted' WHERE conversation_id = ANY ($1::uuid[])",
        *events.columns("stream_id"),
    )


@projection.on(MessageRequestDeclined, rows="stream_id", settles=("state",))
def decline(events: Batch[MessageRequestDeclined]) -> Iterator[Change]:
    yield Statement(
        "UPDATE message_requests SET state = 'declined' WHERE conversation_id = ANY ($1::uuid[])",
        *events.columns("stream_id"),
    )
