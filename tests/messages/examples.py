"""Messages that specs begin with, and what is asked about them."""

from services.command.features.conversations.conversation import PARTICIPANT
from services.command.features.messages.decider import SendMessage
from shared.events.messages import MessageSent
from shared.identifiers import ConversationId, MessageId, UserId, derived_id
from tests.conversations.examples import ANN, CREW, NOW
from tests.specs.deciding import Scene

FIRST = MessageId(derived_id("spec", "first message"))
SECOND = MessageId(derived_id("spec", "second message"))
MISSING = MessageId(derived_id("spec", "no message"))


def saying(content: str, *, to: ConversationId = CREW, reply_to: MessageId | None = None) -> SendMessage:
    """This is asked."""
    return SendMessage(to, content, "client-1", reply_to)


def said(content: str, seq: int = 1, reply_to: MessageId | None = None) -> MessageSent:
    """This follows from it."""
    return MessageSent(seq, content, "client-1", reply_to_id=reply_to)


def where_said(scene: Scene, by: UserId, content: str = "Hello", message_id: MessageId = FIRST) -> Scene:
    """The same scene, in which this was said."""
    return scene.happened(by, said(content), command_id=message_id)


def markers_of(scene: Scene, user_id: UserId) -> tuple[int, int]:
    """Up to where messages were delivered to somebody, and up to where they have read."""
    participant = scene.copy.view(scene.stream_id, NOW, ANN).row(PARTICIPANT, user_id)
    assert participant is not None
    return participant.delivered_seq, participant.read_seq
