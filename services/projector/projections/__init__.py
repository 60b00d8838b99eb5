"""One module a read table, named after it; PROJECTIONS lists them."""

from services.projector.projection import Projection

PROJECTIONS: tuple[Projection, ...] = ()
