"""A direct conversation with somebody who wants to be asked first: what each of the two may do until it is accepted."""

import pytest

from services.command.deciding import Command, Unchanged
from services.command.features.conversations.decider import (
    AcceptMessageRequest,
    ClearConversation,
    DeclineMessageRequest,
    PinConversation,
    StartConversation,
)
from services.command.features.conversations.refusals import (
    NoMessageRequest,
    NothingHere,
    OnlyRecipientMay,
    RequestIsAccepted,
    RequestIsDeclined,
    RequestIsPending,
    RequestMustBeAccepted,
)
from services.command.features.messages.decider import (
    EditMessage,
    MarkDelivered,
    MarkRead,
    RemoveReaction,
    SetReaction,
    UnsendMessage,
)
from services.command.features.messages.refusals import RepliedToIsMissing, TextIsBlank
from shared.events.conversations import ConversationStarted
from shared.events.message_requests import MessageRequestAccepted, MessageRequestDeclined, MessageRequested
from shared.events.messages import MessageEdited, MessagesDelivered, MessagesRead, MessageUnsent, ReactionSet
from shared.identifiers import derived_id
from tests.conversations.examples import ANN, BEN, CREW, CY, EVE, PAIR, a_group, a_pair, nothing_yet
from tests.messages.examples import FIRST, MISSING, said, saying
from tests.specs.deciding import Scene

ASKING = StartConversation(PAIR, "direct", [BEN], contact_policy="request")
ACCEPT, DECLINE = AcceptMessageRequest(PAIR), DeclineMessageRequest(PAIR)


def a_request(messages: int = 0) -> Scene:
    """Ann has asked Ben, and sent so many messages, the first of which is FIRST."""
    scene = nothing_yet(PAIR).happened(ANN, ConversationStarted("direct", (BEN,)), MessageRequested(BEN))
    for seq in range(1, messages + 1):
        scene.happened(ANN, said("Hello", seq), command_id=FIRST if seq == 1 else derived_id("more", str(seq)))
    return scene


def declined(messages: int = 0) -> Scene:
    return a_request(messages).happened(BEN, MessageRequestDeclined())


def accepted(messages: int = 0) -> Scene:
    return a_request(messages).happened(BEN, MessageRequestAccepted())


def here(text: str = "Hello") -> Command:
    return saying(text, to=PAIR)


# How it begins


def test_a_direct_conversation_with_somebody_who_wants_to_be_asked_first_starts_as_a_request() -> None:
    nothing_yet(PAIR).when(ASKING, by=ANN).then(ConversationStarted("direct", (BEN,)), MessageRequested(BEN))


def test_with_somebody_who_is_open_it_starts_at_once() -> None:
    nothing_yet(PAIR).when(StartConversation(PAIR, "direct", [BEN], contact_policy="open"), by=ANN).then(
        ConversationStarted("direct", (BEN,))
    )


def test_a_group_is_no_request_whatever_anybody_wants() -> None:
    nothing_yet().when(StartConversation(CREW, "group", [BEN], "Crew", contact_policy="request"), by=ANN).then(
        ConversationStarted("group", (BEN,), "Crew")
    )


def test_a_conversation_that_is_there_does_not_become_a_request() -> None:
    a_pair().when(ASKING, by=ANN).then_nothing_happens(conversation_id=PAIR)


@pytest.mark.parametrize("scene", [a_request(), declined(), accepted()])
def test_a_pair_has_one_request_ever(scene: Scene) -> None:
    scene.when(ASKING, by=ANN).then_nothing_happens(conversation_id=PAIR)
    back = StartConversation(PAIR, "direct", [ANN], contact_policy="request")
    scene.when(back, by=BEN).then_nothing_happens(conversation_id=PAIR)


# While it is pending


def test_whoever_asks_sends_three_messages_and_not_a_fourth() -> None:
    a_request(2).when(here(), by=ANN).then(said("Hello", 3)).when(here(), by=ANN).then_refused(RequestIsPending)


def test_what_was_unsent_counts_as_sent() -> None:
    a_request(3).happened(ANN, MessageUnsent(FIRST)).when(here(), by=ANN).then_refused(RequestIsPending)


def test_a_message_that_is_refused_for_itself_does_not_count() -> None:
    request = a_request(2)
    request.when(here(" "), by=ANN).then_refused(TextIsBlank)
    request.when(here(), by=ANN).then(said("Hello", 3))


def test_to_answer_is_to_accept() -> None:
    answered = a_request(3).when(here("Hi"), by=BEN).then(MessageRequestAccepted(), said("Hi", 4))
    answered.when(here(), by=ANN).then(said("Hello", 5)).when(here("Hi"), by=BEN).then(said("Hi", 6))


def test_to_write_first_where_nothing_was_said_is_to_accept_as_well() -> None:
    a_request().when(here("Yes?"), by=BEN).then(MessageRequestAccepted(), said("Yes?", 1))


def test_an_answer_that_is_refused_accepts_nothing() -> None:
    request = a_request(3)
    request.when(here(" "), by=BEN).then_refused(TextIsBlank)
    request.when(saying("Hi", to=PAIR, reply_to=MISSING), by=BEN).then_refused(RepliedToIsMissing)
    request.when(here(), by=ANN).then_refused(RequestIsPending)


@pytest.mark.parametrize("scene", [a_request(1), declined(1)])
def test_whoever_was_asked_reads_what_was_sent_and_has_it_their_own_way(scene: Scene) -> None:
    scene.when(MarkDelivered(PAIR, 1), by=BEN).then(MessagesDelivered(1))
    scene.when(MarkRead(PAIR, 1), by=BEN).then(MessagesRead(1))
    for command in (PinConversation(PAIR), ClearConversation(PAIR)):
        assert not isinstance(scene.when(command, by=BEN).decision, Unchanged)


@pytest.mark.parametrize("scene", [a_request(1), declined(1)])
def test_whoever_was_asked_reacts_only_once_they_have_accepted(scene: Scene) -> None:
    scene.when(SetReaction(PAIR, FIRST, "like"), by=BEN).then_refused(RequestMustBeAccepted)
    scene.when(RemoveReaction(PAIR, FIRST), by=BEN).then_refused(RequestMustBeAccepted)
    scene.when(SetReaction(PAIR, FIRST, "love"), by=ANN).then(ReactionSet(FIRST, "love"))
    liked = scene.when(ACCEPT, by=BEN).then(MessageRequestAccepted())
    liked.when(SetReaction(PAIR, FIRST, "like"), by=BEN).then(ReactionSet(FIRST, "like"))


# How it is answered


def test_whoever_was_asked_accepts_and_nothing_is_counted_any_more() -> None:
    open_now = a_request(3).when(ACCEPT, by=BEN).then(MessageRequestAccepted())
    open_now.when(here(), by=ANN).then(said("Hello", 4)).when(here(), by=BEN).then(said("Hello", 5))


def test_whoever_was_asked_declines_and_no_more_is_sent() -> None:
    shut = a_request(1).when(DECLINE, by=BEN).then(MessageRequestDeclined())
    shut.when(here(), by=ANN).then_refused(RequestIsDeclined)


def test_a_decline_says_so_also_where_no_more_could_be_sent_anyway() -> None:
    declined(3).when(here(), by=ANN).then_refused(RequestIsDeclined)


@pytest.mark.parametrize("messages", [0, 1, 3])
def test_whoever_declined_may_still_accept(messages: int) -> None:
    accepted_now = declined(messages).when(ACCEPT, by=BEN).then(MessageRequestAccepted())
    accepted_now.when(here(), by=ANN).then(said("Hello", messages + 1))


def test_whoever_declined_accepts_by_answering() -> None:
    declined(1).when(here("Hi"), by=BEN).then(MessageRequestAccepted(), said("Hi", 2)).when(here(), by=ANN).then(
        said("Hello", 3)
    )


def test_the_same_answer_again_changes_nothing() -> None:
    accepted().when(ACCEPT, by=BEN).then_nothing_happens()
    declined().when(DECLINE, by=BEN).then_nothing_happens()


def test_what_was_accepted_is_not_declined() -> None:
    accepted().when(DECLINE, by=BEN).then_refused(RequestIsAccepted)


# Who may answer, and what the others are told


@pytest.mark.parametrize("scene", [a_request(), declined(), accepted()])
@pytest.mark.parametrize("command", [ACCEPT, DECLINE])
def test_whoever_asks_cannot_answer_and_is_told_the_same_however_it_stands(scene: Scene, command: Command) -> None:
    scene.when(command, by=ANN).then_refused(OnlyRecipientMay)


@pytest.mark.parametrize("command", [ACCEPT, DECLINE])
def test_a_stranger_is_told_that_there_is_nothing(command: Command) -> None:
    a_request().when(command, by=EVE).then_refused(NothingHere)
    nothing_yet(PAIR).when(command, by=BEN).then_refused(NothingHere)


def test_where_nobody_asked_there_is_nothing_to_answer() -> None:
    for command in (ACCEPT, DECLINE):
        a_pair().when(command, by=BEN).then_refused(NoMessageRequest)
    a_group().when(AcceptMessageRequest(CREW), by=CY).then_refused(NoMessageRequest)


@pytest.mark.parametrize("scene", [a_request(1), declined(1)])
def test_whoever_asks_edits_and_unsends_what_they_sent_so_that_only_sending_tells_of_a_decline(scene: Scene) -> None:
    scene.when(EditMessage(PAIR, FIRST, "Good day"), by=ANN).then(MessageEdited(FIRST, "Good day"))
    scene.when(UnsendMessage(PAIR, FIRST), by=ANN).then(MessageUnsent(FIRST))
