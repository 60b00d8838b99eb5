"""One module a read table, named after it; PROJECTIONS lists them, the one that forgets deleted conversations last."""

from services.projector.projection import Projection
from services.projector.projections import (
    bookmarks,
    conversations,
    deleted_conversations,
    marker_moves,
    message_reactions,
    messages,
    participants,
    user_statuses,
    users,
)

PROJECTIONS: tuple[Projection, ...] = (
    users.projection,
    user_statuses.projection,
    bookmarks.projection,
    conversations.projection,
    participants.projection,
    messages.projection,
    message_reactions.projection,
    marker_moves.projection,
    deleted_conversations.projection,
)
