"""One module a read table, named after it.

PROJECTIONS lists them: messages first, since the next batch is read meanwhile, and those that forget last.
"""

from services.projector.projection import Projection
from services.projector.projections import (
    bookmarks,
    contact_policies,
    conversations,
    deactivated_users,
    deleted_conversations,
    files,
    last_seen,
    marker_moves,
    message_attachments,
    message_reactions,
    message_requests,
    messages,
    participants,
    user_statuses,
    users,
)

PROJECTIONS: tuple[Projection, ...] = (
    messages.projection,
    users.projection,
    contact_policies.projection,
    last_seen.projection,
    user_statuses.projection,
    bookmarks.projection,
    files.projection,
    conversations.projection,
    participants.projection,
    message_requests.projection,
    message_attachments.projection,
    message_reactions.projection,
    marker_moves.projection,
    deactivated_users.projection,
    deleted_conversations.projection,
)
