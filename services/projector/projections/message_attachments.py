"""One row: what goes with a message, in one place. It comes behind messages in PROJECTIONS: by then a message that a
batch unsends is unsent, so that nothing is attached to it any more, in whatever order the two stand."""

from collections.abc import Iterator
from typing import Any

from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.domain_event import Recorded
from shared.events.messages import MessageSent, MessageUnsent

projection = Projection("message_attachments", tables=("message_attachments",))


def _its_message(recorded: Recorded[MessageSent]) -> list[str]:
    """Most messages have nothing that goes with them."""
    return [recorded.command_id] if recorded.event.attachments else []


def _rows(events: Batch[MessageSent]) -> Iterator[tuple[Any, ...]]:
    for each in events:
        for place, attached in enumerate(each.event.attachments):
            yield (
                each.stream_id,
                each.command_id,
                place,
                attached.kind,
                attached.file_id,
                attached.url,
                attached.name,
                attached.duration,
                attached.width,
                attached.height,
                attached.sort_order,
            )


@projection.on(MessageSent, rows=_its_message)
def attach(events: Batch[MessageSent]) -> Iterator[Change]:
    yield Statement(
        """
        INSERT INTO message_attachments (
            conversation_id, message_id, place, kind, file_id, url, name, duration, width, height, sort_order)
        SELECT attached.*
        FROM unnest(
                $1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::uuid[], $6::text[], $7::text[],
                $8::double precision[], $9::integer[], $10::integer[], $11::integer[])
                AS attached (
                    conversation_id, message_id, place, kind, file_id, url, name, duration, width, height, sort_order)
            JOIN messages USING (message_id)
        WHERE NOT messages.unsent
        ON CONFLICT (conversation_id, message_id, place) DO NOTHING
        """,
        *map(list, zip(*_rows(events), strict=True)),
    )


@projection.on(MessageUnsent, rows="message_id")
def take_away(events: Batch[MessageUnsent]) -> Iterator[Change]:
    yield Statement(
        """
        DELETE FROM message_attachments USING unnest($1::uuid[], $2::uuid[]) AS unsent (conversation_id, message_id)
        WHERE message_attachments.conversation_id = unsent.conversation_id
            AND message_attachments.message_id = unsent.message_id
        """,
        *events.columns("stream_id", "message_id"),
    )
