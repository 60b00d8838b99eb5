"""`GET /v1/commands/{stream_id}/{command_id}`: what became of a command whose answer was lost."""

from services.command.asking import Asked, CommandAccepted
from services.command.deciding import Stream
from services.command.dispatching import Accepted, NothingRecorded, Refused
from shared.identifiers import CommandId, StreamId, StreamKind
from shared.web.fields import Id, Nothing, Parameters
from shared.web.problems import OutcomeUnknown
from shared.web.routes import Route


class CommandPlace(Parameters):
    """Where a command went, as the answer `outcome-unknown` says."""

    stream_id: Id
    command_id: Id


async def what_became_of(asked: Asked[Nothing, CommandPlace]) -> Accepted:
    """The stream's id does not say of which kind it is, so the writers of both are asked."""
    for kind in StreamKind:
        stream = Stream(kind, StreamId(asked.path.stream_id))
        try:
            return await asked.parts.doors.look_up(stream, CommandId(asked.path.command_id), asked.by, asked.deadline)
        except Refused as refused:
            if not isinstance(refused.refusal, NothingRecorded):
                raise
    raise Refused(NothingRecorded())


ROUTES = (
    Route(
        "GET",
        "/v1/commands/{stream_id}/{command_id}",
        "What became of a command of mine",
        what_became_of,
        CommandAccepted,
        parameters=CommandPlace,
        refusals=(NothingRecorded, OutcomeUnknown),
        even_deactivated=True,
        description="Answered like a repeat of the command, with whatever its own answer has beside these. "
        "`not-recorded`: not when this was asked; an earlier try may still be on its way.",
    ),
)
