"""One row: a person or an agent, as everybody may see them."""

from services.projector.new_rows import NewRows
from services.projector.projection import Batch, Connection, Projection
from shared.events.people import AvatarChanged, DisplayNameChanged, UserRegistered

projection = Projection("users", tables=("users",))

new_users = NewRows(
    "users",
    key="user_id",
    user_id="uuid",
    username="text",
    display_name="text",
    kind="text",
    registered_at="timestamptz",
    updated_at="timestamptz",
)


@projection.on(UserRegistered, rows=lambda recorded: recorded.stream_id)
async def add(events: Batch[UserRegistered], connection: Connection) -> None:
    await new_users.add(connection, events.columns("stream_id", "username", "display_name", "kind", "time", "time"))


@projection.on(DisplayNameChanged, rows=lambda recorded: recorded.stream_id, last_wins=True)
async def name(events: Batch[DisplayNameChanged], connection: Connection) -> None:
    await connection.execute(
        """
        UPDATE users SET display_name = changed.display_name, updated_at = changed.at
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS changed (user_id, display_name, at)
        WHERE users.user_id = changed.user_id
        """,
        *events.columns("stream_id", "display_name", "time"),
    )


@projection.on(AvatarChanged, rows=lambda recorded: recorded.stream_id, last_wins=True)
async def picture(events: Batch[AvatarChanged], connection: Connection) -> None:
    await connection.execute(
        """
        UPDATE users SET avatar_url = changed.avatar_url, updated_at = changed.at
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS changed (user_id, avatar_url, at)
        WHERE users.user_id = changed.user_id
        """,
        *events.columns("stream_id", "avatar_url", "time"),
    )
