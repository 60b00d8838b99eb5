"""What may be asked of a conversation: to start, change or delete it, to say who is in it, to have it one's own way,
and to answer it where it is a message request."""

from dataclasses import replace

from services.command.deciding import Decider, Result, Rule
from services.command.features.conversations.arranging import (
    ArchiveConversation,
    ClearConversation,
    PinConversation,
    UnarchiveConversation,
    UnpinConversation,
    archive_conversation,
    clear_conversation,
    pin_conversation,
    unarchive_conversation,
    unpin_conversation,
)
from services.command.features.conversations.changing import (
    ChangeConversation,
    change_conversation,
    needs_of_changing,
)
from services.command.features.conversations.conversation import CONVERSATION, Conversation, needs_own_place
from services.command.features.conversations.deleting import DeleteConversation, delete_conversation
from services.command.features.conversations.participating import (
    AddParticipant,
    ChangeParticipantRole,
    RemoveParticipant,
    add_participant,
    change_participant_role,
    needs_both,
    needs_of_removing,
    remove_participant,
)
from services.command.features.conversations.requesting import (
    AcceptMessageRequest,
    DeclineMessageRequest,
    accept_message_request,
    decline_message_request,
)
from services.command.features.conversations.starting import (
    StartConversation,
    needs_everybody,
    start_conversation,
)
from shared.events.conversations import ConversationCleared, ConversationStarted
from shared.events.domain_event import Recorded

__all__ = [
    "CONVERSATIONS",
    "AcceptMessageRequest",
    "AddParticipant",
    "ArchiveConversation",
    "ChangeConversation",
    "ChangeParticipantRole",
    "ClearConversation",
    "DeclineMessageRequest",
    "DeleteConversation",
    "PinConversation",
    "RemoveParticipant",
    "StartConversation",
    "UnarchiveConversation",
    "UnpinConversation",
]


def _result(recorded: Recorded) -> Result:
    match recorded.event:
        case ConversationStarted():
            return {"conversation_id": recorded.stream_id}
        case ConversationCleared(up_to_seq=seq):
            return {"cleared_seq": seq}
        case _:
            return {}


CONVERSATIONS: Decider[Conversation | None] = replace(
    CONVERSATION,
    rules=(
        Rule(StartConversation, start_conversation, needs_everybody),
        Rule(ChangeConversation, change_conversation, needs_of_changing),
        Rule(AddParticipant, add_participant, needs_both),
        Rule(RemoveParticipant, remove_participant, needs_of_removing),
        Rule(ChangeParticipantRole, change_participant_role, needs_both),
        Rule(PinConversation, pin_conversation, needs_own_place),
        Rule(UnpinConversation, unpin_conversation, needs_own_place),
        Rule(ArchiveConversation, archive_conversation, needs_own_place),
        Rule(UnarchiveConversation, unarchive_conversation, needs_own_place),
        Rule(ClearConversation, clear_conversation, needs_own_place),
        Rule(DeleteConversation, delete_conversation, needs_own_place),
        Rule(AcceptMessageRequest, accept_message_request, needs_own_place),
        Rule(DeclineMessageRequest, decline_message_request, needs_own_place),
    ),
    result=_result,
)
