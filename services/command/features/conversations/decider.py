"""What may be asked of a conversation: start it, change it, and say who is in it with which role."""

from dataclasses import replace

from services.command.deciding import Decider, Result, Rule
from services.command.features.conversations.changing import (
    ChangeConversation,
    change_conversation,
    needs_of_changing,
)
from services.command.features.conversations.conversation import CONVERSATION, Conversation
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
from services.command.features.conversations.starting import (
    StartConversation,
    needs_everybody,
    start_conversation,
)
from shared.events.conversations import ConversationStarted
from shared.events.domain_event import Recorded

__all__ = [
    "CONVERSATIONS",
    "AddParticipant",
    "ChangeConversation",
    "ChangeParticipantRole",
    "RemoveParticipant",
    "StartConversation",
]


def _result(recorded: Recorded) -> Result:
    return {"conversation_id": recorded.stream_id} if isinstance(recorded.event, ConversationStarted) else {}


CONVERSATIONS: Decider[Conversation | None] = replace(
    CONVERSATION,
    rules=(
        Rule(StartConversation, start_conversation, needs_everybody),
        Rule(ChangeConversation, change_conversation, needs_of_changing),
        Rule(AddParticipant, add_participant, needs_both),
        Rule(RemoveParticipant, remove_participant, needs_of_removing),
        Rule(ChangeParticipantRole, change_participant_role, needs_both),
    ),
    result=_result,
)
