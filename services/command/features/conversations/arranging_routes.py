"""How somebody has a conversation for themselves, over HTTP."""

from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.features.conversations.decider import (
    ArchiveConversation,
    ClearConversation,
    PinConversation,
    UnarchiveConversation,
    UnpinConversation,
)
from services.command.features.conversations.forms import InConversation
from services.command.features.conversations.refusals import NothingHere
from shared.identifiers import ConversationId
from shared.web.fields import Nothing
from shared.web.routes import Route


class ClearedAccepted(CommandAccepted, frozen=True, kw_only=True):
    """Nothing is to be seen any more up to this message; 0 when there was none."""

    cleared_seq: int


async def pin_conversation(asked: Asked[Nothing, InConversation]) -> Accepted:
    """Puts it before the others."""
    return await asked.dispatch(PinConversation(ConversationId(asked.path.conversation_id)))


async def unpin_conversation(asked: Asked[Nothing, InConversation]) -> Accepted:
    """Puts it in its place."""
    return await asked.dispatch(UnpinConversation(ConversationId(asked.path.conversation_id)))


async def archive_conversation(asked: Asked[Nothing, InConversation]) -> Accepted:
    """Puts it aside."""
    return await asked.dispatch(ArchiveConversation(ConversationId(asked.path.conversation_id)))


async def unarchive_conversation(asked: Asked[Nothing, InConversation]) -> Accepted:
    """Takes it back."""
    return await asked.dispatch(UnarchiveConversation(ConversationId(asked.path.conversation_id)))


async def clear_conversation(asked: Asked[Nothing, InConversation]) -> Accepted:
    """Hides what was said so far."""
    return await asked.dispatch(ClearConversation(ConversationId(asked.path.conversation_id)))


ARRANGING_ROUTES = (
    Route(
        "PUT",
        "/v1/conversations/{conversation_id}/pin",
        "Pin a conversation for myself",
        pin_conversation,
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
        description="It comes before all that is not pinned in my list, and in nobody else's.",
    ),
    Route(
        "DELETE",
        "/v1/conversations/{conversation_id}/pin",
        "Unpin a conversation",
        unpin_conversation,
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
    ),
    Route(
        "PUT",
        "/v1/conversations/{conversation_id}/archive",
        "Archive a conversation for myself",
        archive_conversation,
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
        description="It stays archived, whatever is said in it, until I take it back. It is archived for nobody else.",
    ),
    Route(
        "DELETE",
        "/v1/conversations/{conversation_id}/archive",
        "Take a conversation back that I archived",
        unarchive_conversation,
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
    ),
    Route(
        "POST",
        "/v1/conversations/{conversation_id}/clear",
        "Clear a conversation for myself",
        clear_conversation,
        ClearedAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
        description=(
            "Hides the conversation and everything in it so far from me alone: from my list, pages of messages, "
            "single messages, previews and what is unread. A newer message brings it back, with only what is newer. "
            "It cannot be undone. What I bookmarked of it stays in my bookmarks with its note, but is `inaccessible`, "
            "and nothing of it can be bookmarked. It is no reading: what others see of my markers stays as it is. "
            "I am still in it, and can send, and look at it by its id."
        ),
    ),
)
