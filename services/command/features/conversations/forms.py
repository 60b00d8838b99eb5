"""What the routes of a conversation and of all that is in it share."""

import msgspec

from shared.web.fields import Id, Parameters


class InConversation(Parameters):
    """Which conversation."""

    conversation_id: Id


class ChangeAccepted(msgspec.Struct, frozen=True):
    """It is as it was asked to be."""

    command_id: str
    position: str
