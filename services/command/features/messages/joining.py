"""Whoever does something in an imported history without being in the conversation joins it just before."""

from collections.abc import Sequence
from datetime import datetime

from services.command.deciding import Known
from services.command.features.conversations.conversation import PARTICIPANT, Conversation
from services.command.features.conversations.refusals import PARTICIPANTS_LIMIT, ConversationIsFull, NothingHere
from services.command.features.messages.numbering import NUMBERING
from shared.events.conversations import ParticipantAdded


def joined_before(
    occurred_at: datetime, conversation: Conversation, known: Known
) -> Sequence[ParticipantAdded] | NothingHere | ConversationIsFull:
    """The actor's joining, if they are not in it yet; a refusal, if they cannot. The needs must name their row."""
    if known.row(PARTICIPANT, known.actor) is not None:
        return []
    if conversation.kind == "direct":
        return NothingHere()
    if conversation.participant_count >= PARTICIPANTS_LIMIT:
        return ConversationIsFull()
    return [ParticipantAdded(known.actor, known.part(NUMBERING).last_seq, occurred_at=occurred_at)]
