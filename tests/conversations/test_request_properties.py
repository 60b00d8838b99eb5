"""Whatever two people do with a message request, in any order: what must always be true of it, and who learns what."""

from collections.abc import Callable, Sequence

from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from services.command.deciding import Command, Decision
from services.command.features.conversations.conversation import CONVERSATION, Conversation
from services.command.features.conversations.decider import (
    AcceptMessageRequest,
    ArchiveConversation,
    ClearConversation,
    DeclineMessageRequest,
    PinConversation,
    StartConversation,
)
from services.command.features.conversations.refusals import (
    REQUEST_MESSAGES_LIMIT,
    RequestIsDeclined,
    RequestIsPending,
)
from services.command.features.messages.decider import (
    EditMessage,
    MarkDelivered,
    MarkRead,
    SendMessage,
    SetReaction,
    UnsendMessage,
)
from shared.events.conversations import ConversationStarted
from shared.events.message_requests import (
    MessageRequestAccepted,
    MessageRequestDeclined,
    MessageRequested,
    RequestState,
)
from shared.events.messages import MessageSent
from shared.identifiers import CommandId, MessageId, UserId, derived_id
from tests.conversations.examples import ANN, BEN, EVE, PAIR, nothing_yet
from tests.specs.deciding import Scene

Step = tuple[UserId, str]
FIRST = MessageId(derived_id(ANN, "1"))
"""What the requester's first command sends, if it does."""
ASKED: dict[str, Command] = {
    "send": SendMessage(PAIR, "Hello", "client"),
    "accept": AcceptMessageRequest(PAIR),
    "decline": DeclineMessageRequest(PAIR),
    "read": MarkRead(PAIR, 1),
    "delivered": MarkDelivered(PAIR, 1),
    "edit": EditMessage(PAIR, FIRST, "Good day"),
    "unsend": UnsendMessage(PAIR, FIRST),
    "like": SetReaction(PAIR, FIRST, "like"),
    "pin": PinConversation(PAIR),
    "archive": ArchiveConversation(PAIR),
    "clear": ClearConversation(PAIR),
    "start": StartConversation(PAIR, "direct", [BEN], contact_policy="request"),
}
STEPS = st.lists(st.tuples(st.sampled_from([ANN, ANN, BEN, BEN, EVE]), st.sampled_from(sorted(ASKED))), max_size=40)
often = settings(max_examples=100, deadline=None)


def lived(steps: Sequence[Step], see: Callable[[Scene, Step, Decision], object] = lambda *_: None) -> Scene:
    """Ann has asked Ben, and all this is asked then. Each one's commands have ids that tell nothing of the others'."""
    scene = nothing_yet(PAIR).happened(ANN, ConversationStarted("direct", (BEN,)), MessageRequested(BEN))
    counts = dict.fromkeys((ANN, BEN, EVE), 0)
    for by, what in [(ANN, "send"), *steps]:
        counts[by] += 1
        command_id = CommandId(derived_id(by, str(counts[by])))
        see(scene, (by, what), scene.when(ASKED[what], by=by, command_id=command_id).decision)
    return scene


def state_in(scene: Scene) -> RequestState:
    conversation: Conversation = scene.copy.streams[scene.stream_id].parts[CONVERSATION.name]
    assert conversation.request is not None
    return conversation.request.state


@often
@whatever(STEPS)
def test_until_it_is_accepted_few_messages_are_sent_and_all_by_who_asked(steps: list[Step]) -> None:
    senders: list[UserId] = []
    for each in lived(steps).events:
        if isinstance(each.event, MessageRequestAccepted):
            return
        if isinstance(each.event, MessageSent):
            senders.append(each.actor)
            assert len(senders) <= REQUEST_MESSAGES_LIMIT
            assert set(senders) == {ANN}


@often
@whatever(STEPS)
def test_only_who_was_asked_answers_and_what_is_accepted_stays_so(steps: list[Step]) -> None:
    answers = [each for each in lived(steps).events if isinstance(each.event, ANSWERS)]
    kinds = [type(each.event) for each in answers]

    assert {each.actor for each in answers} <= {BEN}
    assert kinds in [possible[:length] for possible in LIVES for length in range(len(possible) + 1)]


ANSWERS = (MessageRequestAccepted, MessageRequestDeclined)
LIVES: list[list[type]] = [[MessageRequestAccepted], [MessageRequestDeclined, MessageRequestAccepted]]
"""A decline comes once at most, and before."""


@often
@whatever(STEPS)
def test_whoever_asks_is_told_of_the_request_only_when_they_send(steps: list[Step]) -> None:
    def look(scene: Scene, step: Step, decision: Decision) -> None:
        if isinstance(decision, RequestIsDeclined | RequestIsPending):
            assert step == (ANN, "send")
            assert state_in(scene) == ("declined" if isinstance(decision, RequestIsDeclined) else "pending")

    lived(steps, look)


@often
@whatever(STEPS)
def test_whatever_the_other_one_does_before_accepting_whoever_asks_is_answered_as_if_they_had_done_nothing(
    steps: list[Step],
) -> None:
    silent = [step for step in steps if step not in {(BEN, "accept"), (BEN, "send")}]
    said = [step for step in silent if step != (BEN, "decline")]

    assert told(said) == told([step for step in said if step[0] == ANN])
    # A decline is told when they send, and in nothing else.
    but_for_sending = [step for step in silent if step != (ANN, "send")]
    assert told(but_for_sending) == told([step for step in but_for_sending if step[0] == ANN])


def told(steps: Sequence[Step]) -> list[Decision]:
    """What whoever asks is answered."""
    answers: list[Decision] = []
    lived(steps, lambda _, step, decision: answers.append(decision) if step[0] == ANN else None)
    return answers
