"""One row: when somebody was last seen. No event says so, but `chat.presence`, which `following_presence` follows."""

from collections.abc import Mapping
from datetime import datetime

from services.projector.projection import Connection, Projection
from shared.identifiers import UserId

projection = Projection("last_seen", tables=("last_seen",))


async def note(connection: Connection, last_seen: Mapping[UserId, datetime | None]) -> None:
    """What the topic last said of each; None: they are forgotten."""
    gone = [user_id for user_id, seen_at in last_seen.items() if seen_at is None]
    seen = {user_id: seen_at for user_id, seen_at in last_seen.items() if seen_at is not None}
    await connection.execute("DELETE FROM last_seen WHERE user_id = ANY ($1::uuid[])", gone)
    await connection.execute(
        """
        INSERT INTO last_seen (user_id, seen_at) SELECT * FROM unnest($1::uuid[], $2::timestamptz[])
        ON CONFLICT (user_id) DO UPDATE SET seen_at = excluded.seen_at
        """,
        list(seen),
        list(seen.values()),
    )


async def forget_everybody(connection: Connection) -> None:
    """The topic is to be followed from its beginning."""
    await connection.execute("DELETE FROM last_seen")
