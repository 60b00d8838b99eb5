"""Who is who: what everybody who is signed in may know about people."""

from typing import Annotated, Any, Self

import asyncpg
import msgspec
from pydantic import Field, StringConstraints, model_validator

from services.projector.paging import IdPlace, Listed, Moment, decode_cursor, listed, moment, time_of
from services.projector.questioning import Asked
from shared.identifiers import UserId
from shared.web.fields import Explained, Id, Ids, NoParameters, Nothing, Page, Parameters
from shared.web.problems import NotFound
from shared.web.routes import Route
from shared.web.times import Time, time_text

SHOWN = "users.*, CASE WHEN kind <> 'deactivated' THEN seen_at END AS last_seen_at"
"""Columns of `users LEFT JOIN last_seen USING (user_id)`. Of who has left nothing is shown, whatever is still known."""
UsernameAsked = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_]{1,50}$"),
    Explained("must be a whole username: at most 50 of the letters A to Z and a to z, the digits and _, as ada_99"),
]


class UserView(msgspec.Struct, frozen=True):
    """A person or an agent, as everybody may see them, or somebody who has left for good: `kind` is then `deactivated`.

    `last_seen_at`: when they last asked something of the command service, logged in or refreshed their token. It is
    noted at most once in five minutes, shown some seconds later, and no position says whether it is. Null where it is
    not known, as of whoever was only imported, and of who has left.
    """

    user_id: UserId
    username: str
    display_name: str
    avatar_url: str | None
    kind: str
    last_seen_at: Time | None


class OfUser(Parameters):
    """The user in the path."""

    user_id: Id


class WhoIsAsked(Parameters):
    """People by their ids, or the one with a username: one of the two, not both."""

    username: UsernameAsked | None = Field(None, description="the whole username, in upper or lower case")
    ids: Ids | None = None

    @model_validator(mode="after")
    def one_of_the_two(self) -> Self:
        if (self.username is None) == (self.ids is None):
            raise ValueError("give either username or ids")
        return self


class ByRegistration(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A place in a list of users."""

    registered_at: Moment
    user_id: IdPlace


def user_view(row: asyncpg.Record) -> UserView:
    """What a row with the columns SHOWN shows."""
    return UserView(
        user_id=row["user_id"],
        username=row["username"],
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        kind=row["kind"],
        last_seen_at=time_text(row["last_seen_at"]),
    )


async def user_with_id(asked: Asked[Nothing, OfUser]) -> UserView:
    return await _user(asked, asked.path.user_id)


async def me(asked: Asked) -> UserView:
    return await _user(asked, asked.by)


async def _user(asked: Asked[Any, Any, Any], user_id: str) -> UserView:
    row = await asked.row(
        f"SELECT {SHOWN} FROM users LEFT JOIN last_seen USING (user_id) WHERE user_id = $1",  # noqa: S608
        user_id,
    )
    if row is None:
        raise NotFound
    return user_view(row)


async def users(asked: Asked[Nothing, NoParameters, WhoIsAsked]) -> Listed[UserView]:
    if asked.query.ids is not None:
        rows = await asked.rows(
            f"""
            SELECT {SHOWN}
            FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (user_id, place)
                JOIN users USING (user_id) LEFT JOIN last_seen USING (user_id)
            ORDER BY place
            """,  # noqa: S608
            list(dict.fromkeys(asked.query.ids)),
        )
    else:
        rows = await asked.rows(
            f"""
            SELECT {SHOWN} FROM users LEFT JOIN last_seen USING (user_id)
            WHERE lower(username) = lower($1)
            ORDER BY registered_at, user_id
            """,  # noqa: S608
            asked.query.username,
        )
    return Listed([user_view(row) for row in rows], has_more=False, next_cursor=None)


async def my_agents(asked: Asked[Nothing, NoParameters, Page]) -> Listed[UserView]:
    page = asked.query
    place = decode_cursor(page.cursor, ByRegistration)
    rows = await asked.rows(
        f"""
        SELECT {SHOWN} FROM users LEFT JOIN last_seen USING (user_id)
        WHERE owner_id = $1
            AND ($2::timestamptz IS NULL OR (registered_at, user_id) > ($2, $3::uuid))
        ORDER BY registered_at, user_id
        LIMIT $4
        """,  # noqa: S608
        asked.by,
        time_of(place.registered_at) if place else None,
        place.user_id if place else None,
        page.limit + 1,
    )
    return listed(
        rows,
        page.limit,
        view=user_view,
        place=lambda row: ByRegistration(moment(row["registered_at"]), row["user_id"]),
    )


ROUTES = (
    Route("GET", "/v1/me", "Who am I, to others", handle=me, answer=UserView, refusals=(NotFound,)),
    Route(
        "GET",
        "/v1/users/{user_id}",
        "Who is this",
        handle=user_with_id,
        answer=UserView,
        parameters=OfUser,
        refusals=(NotFound,),
    ),
    Route(
        "GET",
        "/v1/users",
        "Who are these, or who has this username",
        handle=users,
        answer=Listed[UserView],
        query=WhoIsAsked,
        description="By ids: in the order asked for, without those that are nobody. All on one page.",
    ),
    Route(
        "GET",
        "/v1/agents",
        "My agents",
        handle=my_agents,
        answer=Listed[UserView],
        query=Page,
        description="In the order in which they were made.",
    ),
)
