"""What the routes of a conversation and of all that is in it share."""

from collections.abc import Awaitable, Callable

from services.command.asking import Asked
from services.command.deciding import Command
from services.command.dispatching import Accepted
from shared.identifiers import ConversationId
from shared.web.fields import Id, Nothing, Parameters


class InConversation(Parameters):
    """Which conversation."""

    conversation_id: Id


def of_conversation(
    command: Callable[[ConversationId], Command],
) -> Callable[[Asked[Nothing, InConversation]], Awaitable[Accepted]]:
    """Handles a route of whose command nothing is said but which conversation it is about."""

    async def handle(asked: Asked[Nothing, InConversation]) -> Accepted:
        return await asked.dispatch(command(ConversationId(asked.path.conversation_id)))

    return handle
