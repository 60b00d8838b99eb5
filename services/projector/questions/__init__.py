"""One module a subject: its SQL, its views and its routes; QUESTIONS lists them."""

from services.projector.questions import (
    bookmarks,
    contact_policies,
    conversations,
    edits,
    message_requests,
    message_search,
    messages,
    participants,
    people,
    receipts,
    statuses,
    unread,
)
from shared.web.routes import Route

QUESTIONS: tuple[Route, ...] = (
    *people.ROUTES,
    *contact_policies.ROUTES,
    *conversations.ROUTES,
    *participants.ROUTES,
    *message_requests.ROUTES,
    *messages.ROUTES,
    *message_search.ROUTES,
    *edits.ROUTES,
    *receipts.ROUTES,
    *unread.ROUTES,
    *statuses.ROUTES,
    *bookmarks.ROUTES,
)
