"""What the routes of a conversation and of all that is in it share."""

from shared.web.fields import Id, Parameters


class InConversation(Parameters):
    """Which conversation."""

    conversation_id: Id
