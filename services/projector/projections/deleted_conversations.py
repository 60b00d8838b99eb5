"""No row: of a deleted conversation nothing stays. It is its stream's last event, so this comes last in PROJECTIONS:
behind everything that the other projections make of the same batch."""

from collections.abc import Iterator

from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.conversations import ConversationDeleted

projection = Projection("deleted_conversations", tables=())


@projection.on(ConversationDeleted, rows="stream_id")
def forget(events: Batch[ConversationDeleted]) -> Iterator[Change]:
    (conversation_ids,) = events.columns("stream_id")
    yield Statement("DELETE FROM marker_moves WHERE conversation_id = ANY ($1::uuid[])", conversation_ids)
    yield Statement("DELETE FROM message_edits WHERE conversation_id = ANY ($1::uuid[])", conversation_ids)
    yield Statement("DELETE FROM message_attachments WHERE conversation_id = ANY ($1::uuid[])", conversation_ids)
    yield Statement("DELETE FROM message_reactions WHERE conversation_id = ANY ($1::uuid[])", conversation_ids)
    yield Statement("DELETE FROM messages WHERE conversation_id = ANY ($1::uuid[])", conversation_ids)
    yield Statement("DELETE FROM participants WHERE conversation_id = ANY ($1::uuid[])", conversation_ids)
    yield Statement("DELETE FROM conversations WHERE conversation_id = ANY ($1::uuid[])", conversation_ids)
