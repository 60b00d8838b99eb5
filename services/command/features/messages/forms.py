"""What the routes about one message share."""

from services.command.features.conversations.forms import InConversation
from shared.web.fields import Id


class OfMessage(InConversation):
    """Which message of which conversation."""

    message_id: Id
