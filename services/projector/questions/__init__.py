"""One module a subject: its SQL, its views and its routes; QUESTIONS lists them."""

from shared.web.routes import Route

QUESTIONS: tuple[Route, ...] = ()
