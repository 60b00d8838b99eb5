"""One module a subject: its SQL, its views and its routes; QUESTIONS lists them."""

from services.projector.questions import (
    bookmarks,
    conversations,
    edits,
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
    *conversations.ROUTES,
    *participants.ROUTES,
    *messages.ROUTES,
    *message_search.ROUTES,
    *edits.ROUTES,
    *receipts.ROUTES,
    *unread.ROUTES,
    *statuses.ROUTES,
    *bookmarks.ROUTES,
)
