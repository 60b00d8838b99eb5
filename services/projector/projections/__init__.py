"""One module a read table, named after it; PROJECTIONS lists them."""

from services.projector.projection import Projection
from services.projector.projections import bookmarks, user_statuses

PROJECTIONS: tuple[Projection, ...] = (
    user_statuses.projection,
    bookmarks.projection,
)
