"""The route of imports: it alone may set who acted, and when it happened in the world."""

from services.command.asking import Asked
from services.command.feature import Feature
from services.command.features.importing.answers import Answers
from services.command.features.importing.lines import KINDS, LINES_LIMIT, read_lines
from services.command.features.importing.recording import record
from shared.web.fields import Ndjson
from shared.web.routes import Access, Route


class ImportedLines(Ndjson):
    """What another chat has kept."""

    lines = tuple(KINDS.values())


async def import_lines(asked: Asked[ImportedLines]) -> Answers:
    """Records each line, and answers each."""
    return Answers(await record(read_lines(asked.body.raw), asked.parts))


ROUTES = (
    Route(
        "POST",
        "/v1/operator/import",
        "Bring in history from elsewhere",
        import_lines,
        Answers,
        body=ImportedLines,
        access=Access.OPERATOR,
        description=(
            f"At most {LINES_LIMIT} lines, each a person, a conversation, a message or a reaction, each answered for "
            "itself. "
            "Messages of one conversation are recorded in the order of their lines, or not yet. "
            "Post lines that were `unavailable` or `unknown` again, in their order, before any that follow them."
        ),
    ),
)

FEATURE = Feature("importing", deciders=(), routes=ROUTES)
