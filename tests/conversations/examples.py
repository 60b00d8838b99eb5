"""People and conversations that specs begin with."""

from services.command.features.conversations.conversation import CONVERSATION, PARTICIPANT
from services.command.features.conversations.decider import CONVERSATIONS
from services.command.features.conversations.notices import notice_id
from services.command.features.messages.decider import MESSAGES
from shared.events.conversations import ConversationStarted, ParticipantRoleChanged, Role
from shared.events.messages import Notice, SystemMessageSent
from shared.identifiers import (
    CommandId,
    ConversationId,
    StreamId,
    UserId,
    derived_id,
    direct_conversation_id,
    group_conversation_id,
)
from tests.specs.deciding import Scene

ANN, BEN, CY, DOT, EVE, ROBOT = (UserId(derived_id("spec", n)) for n in ("ann", "ben", "cy", "dot", "eve", "robot"))
NOBODY = UserId(derived_id("spec", "nobody"))
CREW = group_conversation_id(ANN, "crew")
PAIR = direct_conversation_id(ANN, BEN)
NOW = CommandId(derived_id("spec", "what is asked now"))
"""The id of a command whose notices a spec names."""


def nothing_yet(conversation_id: ConversationId = CREW) -> Scene:
    """A conversation that nobody has started."""
    return Scene(StreamId(conversation_id), (CONVERSATIONS, MESSAGES))


def a_group(*others: UserId, title: str = "Crew") -> Scene:
    """Ann's group, with these others; Ben and Cy when none are named."""
    return nothing_yet().happened(ANN, ConversationStarted("group", others or (BEN, CY), title))


def a_group_with_admin() -> Scene:
    """Ann owns it, Ben is admin, Cy a member."""
    return a_group().happened(ANN, ParticipantRoleChanged(BEN, "admin"))


def a_pair() -> Scene:
    """Ann's and Ben's direct conversation."""
    return nothing_yet(PAIR).happened(ANN, ConversationStarted("direct", (BEN,)))


def with_an_agent(*others: UserId) -> Scene:
    """Ann's conversation with an agent."""
    return nothing_yet().happened(ANN, ConversationStarted("agent", (ROBOT, *others), agent_id=ROBOT))


def noted(
    notice: Notice,
    *,
    seq: int = 1,
    place: int = 0,
    about: UserId | None = None,
    role: Role | None = None,
    title: str | None = None,
) -> SystemMessageSent:
    """The notice that the command NOW leaves at this place."""
    return SystemMessageSent(notice_id(NOW, place), seq, notice, about, title, role)


def owner_of(scene: Scene) -> UserId | None:
    """Who owns the conversation, if anybody does."""
    conversation = scene.copy.view(scene.stream_id, NOW, ANN).part(CONVERSATION)
    return conversation.owner_id if conversation else None


def roles_in(scene: Scene) -> dict[str, Role]:
    """Who is in it, and as what."""
    rows = {key: row.value for (_, kind, key), row in scene.copy.rows.items() if kind == PARTICIPANT.name}
    return {key: value.role for key, value in rows.items() if value is not None}
