"""What a conversation lets people say, and what an import lets them have said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from services.command.deciding import Refusal
from services.command.features.conversations.refusals import AgentIsUnknown, ConversationIsFull, NothingHere
from services.command.features.messages.decider import MESSAGES, ImportMessage
from services.command.features.messages.refusals import EarlierIsMissing, RepliedToIsMissing, TextIsBlank, TextIsTooLong
from shared.events.conversations import ConversationDeleted, ParticipantAdded, ParticipantLeft
from shared.events.messages import MessageSent, MessageUnsent, SystemMessageSent
from shared.identifiers import ConversationId, MessageId, UserId, derived_id
from tests.conversations.examples import (
    ANN,
    BEN,
    CREW,
    CY,
    DOT,
    NOBODY,
    PAIR,
    ROBOT,
    a_group,
    a_group_with_admin,
    a_pair,
    nothing_yet,
    with_an_agent,
)
from tests.messages.examples import FIRST, MISSING, markers_of, said, saying, where_said
from tests.specs.deciding import NOON, Scene

# Sending


@pytest.mark.parametrize("who", [ANN, BEN, CY])
def test_everybody_in_a_group_may_speak(who: UserId) -> None:
    a_group_with_admin().when(saying("Hello"), by=who).then(said("Hello"))


def test_both_of_a_pair_may_speak() -> None:
    a_pair().when(saying("Hi", to=PAIR), by=BEN).then(said("Hi")).when(saying("Yes?", to=PAIR), by=ANN).then(
        said("Yes?", 2)
    )


def test_messages_and_notices_are_numbered_alike() -> None:
    scene = a_group().happened(ANN, ParticipantAdded(DOT, 0), SystemMessageSent(FIRST, 1, "participant_added", DOT))
    scene.when(saying("Welcome"), by=BEN).then(said("Welcome", 2))


def test_a_message_is_answered_with_its_id_and_its_number() -> None:
    scene = where_said(a_group(), BEN)
    assert MESSAGES.result(scene.events[-1]) == {"message_id": FIRST, "seq": 1}


def test_a_text_is_kept_as_it_came() -> None:
    text = " \u202eabc\u200d\u0301 \n"
    a_group().when(saying(text), by=ANN).then(said(text))


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0\u2003"])
def test_white_space_alone_says_nothing(text: str) -> None:
    a_group().when(saying(text), by=ANN).then_refused(TextIsBlank)


def test_four_thousand_characters_are_taken() -> None:
    a_group().when(saying("\U0001f642" * 4_000), by=ANN).then(said("\U0001f642" * 4_000))


@pytest.mark.parametrize("begin", [a_group, a_pair])
def test_four_thousand_and_one_characters_are_too_long_among_people(begin: Callable[[], Scene]) -> None:
    scene = begin()
    outcome = scene.when(saying("x" * 4_001, to=ConversationId(scene.stream_id)), by=ANN)
    outcome.then_refused(TextIsTooLong)
    assert isinstance(outcome.decision, Refusal)
    assert (outcome.decision.status, outcome.decision.pointer) == (422, "/content")


def test_a_hundred_thousand_characters_are_taken_with_an_agent_and_no_more() -> None:
    with_an_agent().when(saying("x" * 100_000), by=ANN).then(said("x" * 100_000)).when(
        saying("x" * 100_001), by=ANN
    ).then_refused(TextIsTooLong)


def test_what_an_agent_says_is_recorded_as_an_assistants() -> None:
    command = replace(saying("Hello"), role="assistant")
    with_an_agent().when(command, by=ROBOT).then(MessageSent(1, "Hello", "client-1", role="assistant"))


def test_the_agent_that_a_message_names_is_kept() -> None:
    command = replace(saying("Hello"), agent_id=ROBOT)
    with_an_agent().when(command, by=ANN).then(MessageSent(1, "Hello", "client-1", agent_id=ROBOT))


def test_the_agent_that_a_message_names_must_have_an_account() -> None:
    command = replace(saying("Hello"), agent_id=NOBODY, unknown_ids=(NOBODY,))
    with_an_agent().when(command, by=ANN).then_refused(AgentIsUnknown)


def test_a_reply_names_a_message_of_the_conversation() -> None:
    where_said(a_group(), ANN).when(saying("Yes", reply_to=FIRST), by=BEN).then(said("Yes", 2, FIRST))


def test_nobody_replies_to_what_is_no_message_of_the_conversation() -> None:
    where_said(a_group(), ANN).when(saying("Yes", reply_to=MISSING), by=BEN).then_refused(RepliedToIsMissing)


def test_an_unsent_message_keeps_its_place_and_can_be_replied_to() -> None:
    scene = where_said(a_group(), ANN).happened(ANN, MessageUnsent(FIRST))
    scene.when(saying("What was it?", reply_to=FIRST), by=BEN).then(said("What was it?", 2, FIRST))


# Importing


def importing(content: str, at: datetime = NOON, reply_to: MessageId | None = None) -> ImportMessage:
    return ImportMessage(CREW, content, "client-1", at, reply_to)


def imported(content: str, seq: int, reply_to: MessageId | None = None) -> MessageSent:
    return MessageSent(seq, content, "client-1", reply_to_id=reply_to, occurred_at=NOON)


def test_whoever_speaks_in_an_import_joins_just_before_without_a_notice() -> None:
    scene = where_said(a_group(), ANN).when(importing("Ahoy"), by=DOT)
    assert markers_of(scene.then(ParticipantAdded(DOT, 1, occurred_at=NOON), imported("Ahoy", 2)), DOT) == (1, 1)


def test_whoever_is_in_it_already_only_speaks() -> None:
    a_group().when(importing("Ahoy"), by=BEN).then(imported("Ahoy", 1))


def test_an_imported_message_has_a_messages_rules() -> None:
    a_group().when(importing(" "), by=DOT).then_refused(TextIsBlank)
    a_group().when(importing("x" * 4_001), by=DOT).then_refused(TextIsTooLong)
    a_group().when(importing("Yes", reply_to=MISSING), by=DOT).then_refused(RepliedToIsMissing)
    where_said(a_group(), ANN).when(importing("Yes", reply_to=FIRST), by=BEN).then(imported("Yes", 2, FIRST))


def test_an_imported_message_comes_only_after_the_one_before_it() -> None:
    second = replace(importing("Ahoy"), earlier_id=FIRST)
    a_group().when(second, by=BEN).then_refused(EarlierIsMissing)
    where_said(a_group(), ANN).when(second, by=BEN).then(imported("Ahoy", 2))


def test_nobody_joins_a_direct_conversation_by_an_import() -> None:
    a_pair().when(replace(importing("Ahoy"), conversation_id=PAIR), by=DOT).then_refused(NothingHere)


def test_nobody_joins_a_full_conversation_by_an_import() -> None:
    crowd = [ParticipantAdded(UserId(derived_id("crowd", str(n))), 0) for n in range(9_997)]
    almost_full = a_group().happened(ANN, *crowd)
    almost_full.when(importing("Ahoy"), by=DOT).then_refused(ConversationIsFull)
    almost_full.happened(BEN, ParticipantLeft()).when(importing("Ahoy"), by=DOT).then(
        ParticipantAdded(DOT, 0, occurred_at=NOON), imported("Ahoy", 1)
    )


def test_nothing_is_imported_into_what_is_not_there() -> None:
    nothing_yet().when(importing("Ahoy"), by=ANN).then_refused(NothingHere)
    a_group().happened(ANN, ConversationDeleted()).when(importing("Ahoy"), by=ANN).then_refused(NothingHere)
