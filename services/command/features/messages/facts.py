"""What other streams may ask of a conversation's writer about its messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Need, Unchanged
from services.command.features.conversations.conversation import OfConversation, Place, needs_participant, place_of
from services.command.features.conversations.refusals import NothingHere
from services.command.features.messages.attaching import ATTACHMENT, attached_key, needs_attached
from services.command.features.messages.numbering import MESSAGE, needs_message
from shared.identifiers import FileId, MessageId, UserId


@dataclass(frozen=True, slots=True)
class MayReadMessage(OfConversation):
    """May this person read this message of this conversation? `{}` says yes; a refusal, 404, says no."""

    message_id: MessageId
    user_id: UserId


@dataclass(frozen=True, slots=True)
class MayReadFile(OfConversation):
    """May this person read this file with one of these messages of this conversation? As MayReadMessage answers."""

    file_id: FileId
    message_ids: tuple[MessageId, ...]
    user_id: UserId


def needs_of_reading(question: MayReadMessage, _: Known) -> Iterable[Need]:
    """The person's row and the message's."""
    return [needs_participant(question.user_id), needs_message(question.message_id)]


def may_read_message(question: MayReadMessage, known: Known, _: datetime) -> Decision:
    """Whoever is in it may read all of it but what they cleared; an unsent message keeps its place."""
    place = place_of(question.user_id, known)
    if not isinstance(place, Place):
        return place
    message = known.row(MESSAGE, question.message_id)
    return Unchanged() if message is not None and place.participant.sees(message.seq) else NothingHere()


def needs_of_reading_file(question: MayReadFile, _: Known) -> Iterable[Need]:
    """The person's row, and for each message its own and the one that says that it has the file."""
    yield needs_participant(question.user_id)
    for message_id in question.message_ids:
        yield needs_message(message_id)
        yield needs_attached(question.file_id, message_id)


def may_read_file(question: MayReadFile, known: Known, _: datetime) -> Decision:
    """With a message that has it, that they see, and that is not unsent: of that nothing is left."""
    place = place_of(question.user_id, known)
    if not isinstance(place, Place):
        return place
    for message_id in question.message_ids:
        message = known.row(MESSAGE, message_id)
        attached = known.row(ATTACHMENT, attached_key(question.file_id, message_id))
        if message is not None and attached is not None and not message.unsent and place.participant.sees(message.seq):
            return Unchanged()
    return NothingHere()
