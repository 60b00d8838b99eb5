"""How somebody has a conversation for themselves, over HTTP."""

from services.command.asking import CommandAccepted
from services.command.features.conversations.decider import (
    ArchiveConversation,
    ClearConversation,
    PinConversation,
    UnarchiveConversation,
    UnpinConversation,
)
from services.command.features.conversations.forms import InConversation, of_conversation
from services.command.features.conversations.refusals import NothingHere
from shared.web.routes import Route


class ClearedAccepted(CommandAccepted, frozen=True, kw_only=True):
    """Nothing is to be seen any more up to this message; 0 when there was none."""

    cleared_seq: int


ARRANGING_ROUTES = (
    Route(
        "PUT",
        "/v1/conversations/{conversation_id}/pin",
        "Pin a conversation for myself",
        of_conversation(PinConversation),
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
        description="It comes before all that is not pinned in my list, and in nobody else's.",
    ),
    Route(
        "DELETE",
        "/v1/conversations/{conversation_id}/pin",
        "Unpin a conversation",
        of_conversation(UnpinConversation),
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
    ),
    Route(
        "PUT",
        "/v1/conversations/{conversation_id}/archive",
        "Archive a conversation for myself",
        of_conversation(ArchiveConversation),
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
        description="It stays archived, whatever is said in it, until I take it back. It is archived for nobody else.",
    ),
    Route(
        "DELETE",
        "/v1/conversations/{conversation_id}/archive",
        "Take a conversation back that I archived",
        of_conversation(UnarchiveConversation),
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere,),
    ),
    Route(
        "POST",
        "/v1/conversations/{conversation_id}/clear",
        "Clear a conversation for myself",
        of_conversation(ClearConversation),
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
