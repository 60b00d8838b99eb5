"""What is known of a conversation's messages: the last number, and a row each. Notices and texts are numbered alike."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from hashlib import blake2b

from services.command.deciding import Decider, Known, RowKey, RowKind
from shared.events.domain_event import Recorded
from shared.events.messages import MessageEdited, MessageSent, MessageUnsent, SystemMessageSent
from shared.identifiers import VERBATIM_ITSELF, MessageId, StreamKind, UserId

DIGEST_BYTES = 12


@dataclass(frozen=True, slots=True)
class Numbering:
    """`last_seq` is the number of the last message; 0 when there is none."""

    last_seq: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What the rules ask about a message. `digest` stands for its present text.

    `says_more`: it has attachments or a shared post, so that it may do without a text.
    """

    seq: int
    sender_id: UserId
    digest: str
    unsent: bool = False
    says_more: bool = False


def digest_of(content: str) -> str:
    """A short hash: the same text has the same one, and no two texts that anybody will write do."""
    return urlsafe_b64encode(blake2b(content.encode(), digest_size=DIGEST_BYTES).digest()).decode()


def _numbered(numbering: Numbering, recorded: Recorded) -> Numbering:
    match recorded.event:
        case MessageSent(seq=seq) | SystemMessageSent(seq=seq):
            return Numbering(seq)
        case _:
            return numbering


def _touched(recorded: Recorded) -> tuple[str, ...]:
    match recorded.event:
        case MessageSent():
            return (recorded.command_id,)
        case SystemMessageSent(message_id=message_id) | MessageEdited(message_id=message_id):
            return (message_id,)
        case MessageUnsent(message_id=message_id):
            return (message_id,)
        case _:
            return ()


def _message(message: Message | None, _: str, recorded: Recorded) -> Message | None:
    match recorded.event:
        case MessageSent() as sent:
            return Message(sent.seq, recorded.actor, digest_of(sent.content), says_more=sent.content_type != "text")
        case SystemMessageSent() as noted:
            return Message(noted.seq, VERBATIM_ITSELF, "")
        case MessageEdited() as edited if message is not None:
            return replace(message, digest=digest_of(edited.content))
        case MessageUnsent() if message is not None:
            return Message(message.seq, message.sender_id, "", unsent=True)
        case _:
            return message


MESSAGE = RowKind("message", Message, _touched, _message)
NUMBERING = Decider("messages", StreamKind.CONVERSATIONS, Numbering, Numbering(), _numbered, rules=(), rows=(MESSAGE,))
"""What is known, without the rules: for whoever must number a message. The messages' own decider adds its rules."""


def needs_message(message_id: str) -> RowKey:
    """The need for a message's row."""
    return RowKey(MESSAGE, message_id)


def next_seq(known: Known) -> int:
    """The number of the message that comes next."""
    return known.part(NUMBERING).last_seq + 1


def own_message_id(known: Known) -> MessageId:
    """The id of the message that the present command sends."""
    return MessageId(known.command_id)
