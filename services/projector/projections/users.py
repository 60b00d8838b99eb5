"""One row: a person or an agent, as everybody may see them."""

from collections.abc import Iterator

from services.projector.new_rows import NewRows
from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.domain_event import Recorded
from shared.events.people import AvatarChanged, DisplayNameChanged, UserDeactivated, UserRegistered
from shared.identifiers import UserId

projection = Projection("users", tables=("users",))

new_users = NewRows(
    "users",
    key="user_id",
    user_id="uuid",
    username="text",
    display_name="text",
    kind="text",
    owner_id="uuid",
    registered_at="timestamptz",
    updated_at="timestamptz",
)


def _owner(recorded: Recorded[UserRegistered]) -> UserId | None:
    """Whom an agent belongs to: the one who made it."""
    return recorded.actor if recorded.event.kind == "agent" else None


@projection.on(UserRegistered, rows="stream_id")
def add(events: Batch[UserRegistered]) -> Iterator[Change]:
    yield new_users.added(events.rows("stream_id", "username", "display_name", "kind", _owner, "time", "time"))


@projection.on(DisplayNameChanged, rows="stream_id", settles=("display_name", "updated_at"))
def name(events: Batch[DisplayNameChanged]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE users SET display_name = changed.display_name, updated_at = changed.at
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS changed (user_id, display_name, at)
        WHERE users.user_id = changed.user_id
        """,
        *events.columns("stream_id", "display_name", "time"),
    )


@projection.on(AvatarChanged, rows="stream_id", settles=("avatar_url", "updated_at"))
def picture(events: Batch[AvatarChanged]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE users SET avatar_url = changed.avatar_url, updated_at = changed.at
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS changed (user_id, avatar_url, at)
        WHERE users.user_id = changed.user_id
        """,
        *events.columns("stream_id", "avatar_url", "time"),
    )


@projection.on(
    UserDeactivated,
    rows="stream_id",
    settles=("display_name", "avatar_url", "kind", "updated_at"),
)
def leave(events: Batch[UserDeactivated]) -> Iterator[Change]:
    """The row stays, for what they said; who they were, it does not tell any more."""
    yield Statement(
        """
        UPDATE users
        SET display_name = 'Deactivated user', avatar_url = NULL, kind = 'deactivated', updated_at = left_for_good.at
        FROM unnest($1::uuid[], $2::timestamptz[]) AS left_for_good (user_id, at)
        WHERE users.user_id = left_for_good.user_id
        """,
        *events.columns("stream_id", "time"),
    )
