"""What people keep for later."""

from collections.abc import Iterator

from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.bookmarks import BookmarkNoteChanged, BookmarkToggled

projection = Projection("bookmarks", tables=("bookmarks",))


@projection.on(BookmarkToggled, rows="bookmark_id", settles=("bookmark", "note"))
def switch(events: Batch[BookmarkToggled]) -> Iterator[Change]:
    """On: the row is made, or made anew. Off: there is none."""
    off = [each.event.bookmark_id for each in events if not each.event.bookmarked]
    yield Statement("DELETE FROM bookmarks WHERE bookmark_id = ANY ($1::uuid[])", off)
    on = Batch([each for each in events if each.event.bookmarked])
    yield Statement(
        """
        INSERT INTO bookmarks (bookmark_id, user_id, target_type, target_id, conversation_id, note, created_at)
        SELECT * FROM unnest(
            $1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[])
        ON CONFLICT (bookmark_id) DO UPDATE SET
            conversation_id = excluded.conversation_id, note = excluded.note, created_at = excluded.created_at
        """,
        *on.columns("bookmark_id", "stream_id", "target_type", "target_id", "conversation_id", "note", "time"),
    )


@projection.on(BookmarkNoteChanged, rows="bookmark_id", settles=("note",))
def note(events: Batch[BookmarkNoteChanged]) -> Iterator[Change]:
    """The note is another one, or none."""
    yield Statement(
        """
        UPDATE bookmarks SET note = changed.note
        FROM unnest($1::uuid[], $2::text[]) AS changed (bookmark_id, note)
        WHERE bookmarks.bookmark_id = changed.bookmark_id
        """,
        *events.columns("bookmark_id", "note"),
    )
