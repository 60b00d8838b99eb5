"""What each person shows of themselves."""

from collections.abc import Iterator

from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.statuses import DndSet, StatusCleared, StatusSet

projection = Projection("user_statuses", tables=("user_statuses",))


@projection.on(StatusSet, rows="stream_id", settles=("status",))
def show(events: Batch[StatusSet]) -> Iterator[Change]:
    """The whole status is another one."""
    yield Statement(
        """
        INSERT INTO user_statuses (user_id, emoji, text, dnd_enabled, expires_at, job_id, set_at)
        SELECT * FROM unnest(
            $1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::timestamptz[], $6::text[], $7::timestamptz[])
        ON CONFLICT (user_id) DO UPDATE SET
            emoji = excluded.emoji, text = excluded.text, dnd_enabled = excluded.dnd_enabled,
            expires_at = excluded.expires_at, job_id = excluded.job_id, set_at = excluded.set_at
        """,
        *events.columns("stream_id", "emoji", "text", "dnd_enabled", "expires_at", "job_id", "time"),
    )


@projection.on(DndSet, rows="stream_id")
def switch_dnd(events: Batch[DndSet]) -> Iterator[Change]:
    """Do-not-disturb alone is another; where it was all that there was, nothing is left."""
    columns = events.columns("stream_id", "enabled", "time")
    yield Statement(
        """
        INSERT INTO user_statuses (user_id, dnd_enabled, set_at)
        SELECT user_id, enabled, set_at FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[])
            AS switched (user_id, enabled, set_at)
        ON CONFLICT (user_id) DO UPDATE SET dnd_enabled = excluded.dnd_enabled
        """,
        *columns,
    )
    yield Statement(
        """
        DELETE FROM user_statuses
        WHERE user_id = ANY ($1::uuid[]) AND emoji IS NULL AND text IS NULL AND NOT dnd_enabled
        """,
        columns[0],
    )


@projection.on(StatusCleared, rows="stream_id", settles=("status",))
def clear(events: Batch[StatusCleared]) -> Iterator[Change]:
    """Nothing is shown."""
    yield Statement("DELETE FROM user_statuses WHERE user_id = ANY ($1::uuid[])", *events.columns("stream_id"))
