"""One module a read table, named after it; PROJECTIONS lists them, the one that forgets deleted conversations last."""

from services.projector.projection import Projection
from services.projector.projections import (
    conversations,
    deleted_conversations,
    marker_moves,
    messages,
    participants,
    users,
)

PROJECTIONS: tuple[Projection, ...] = (
    users.projection,
    conversations.projection,
    participants.projection,
    messages.projection,
    marker_moves.projection,
    deleted_conversations.projection,
)
