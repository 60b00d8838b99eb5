"""How somebody has a conversation for themselves alone: pinned, archived, cleared."""

import pytest

from services.command.deciding import Command
from services.command.features.conversations.decider import (
    ArchiveConversation,
    ClearConversation,
    PinConversation,
    UnarchiveConversation,
    UnpinConversation,
)
from services.command.features.conversations.refusals import NothingHere
from services.command.features.messages.decider import EditMessage, MarkRead, UnsendMessage
from services.command.features.messages.facts import MayReadMessage
from shared.events.conversations import (
    ConversationArchived,
    ConversationCleared,
    ConversationDeleted,
    ConversationPinned,
    ConversationStarted,
    ConversationUnarchived,
    ConversationUnpinned,
    ParticipantAdded,
    ParticipantLeft,
)
from shared.events.domain_event import DomainEvent
from shared.events.messages import MessageEdited, MessagesRead, MessageUnsent
from shared.identifiers import UserId
from tests.conversations.examples import ANN, BEN, CREW, CY, EVE, PAIR, a_group, a_pair, nothing_yet, with_an_agent
from tests.messages.examples import FIRST, SECOND, markers_of, said, saying, where_said
from tests.specs.deciding import Scene

ALL = [each(CREW) for each in (PinConversation, UnpinConversation, ArchiveConversation, UnarchiveConversation)]
ALL_AND_CLEAR = [*ALL, ClearConversation(CREW)]
ON_AND_OFF = [
    (PinConversation(CREW), ConversationPinned(), UnpinConversation(CREW), ConversationUnpinned()),
    (ArchiveConversation(CREW), ConversationArchived(), UnarchiveConversation(CREW), ConversationUnarchived()),
]


@pytest.mark.parametrize("who", [ANN, BEN])
@pytest.mark.parametrize(("on", "is_on", "off", "is_off"), ON_AND_OFF)
def test_whoever_is_in_it_pins_and_archives_it_and_takes_that_back(
    who: UserId, on: Command, is_on: DomainEvent, off: Command, is_off: DomainEvent
) -> None:
    a_group().when(on, by=who).then(is_on).when(off, by=who).then(is_off).when(on, by=who).then(is_on)


@pytest.mark.parametrize(("on", "is_on", "off", "is_off"), ON_AND_OFF)
def test_what_is_so_already_does_not_happen_again(
    on: Command, is_on: DomainEvent, off: Command, is_off: DomainEvent
) -> None:
    a_group().when(off, by=BEN).then_nothing_happens()
    a_group().happened(BEN, is_on).when(on, by=BEN).then_nothing_happens()
    a_group().happened(BEN, is_on).happened(BEN, is_off).when(off, by=BEN).then_nothing_happens()


def test_pinned_archived_and_cleared_are_three_things() -> None:
    scene = a_group().happened(BEN, ConversationPinned()).happened(BEN, ConversationCleared(0))
    scene.when(ArchiveConversation(CREW), by=BEN).then(ConversationArchived())
    scene.when(PinConversation(CREW), by=BEN).then_nothing_happens()
    scene.when(ClearConversation(CREW), by=BEN).then_nothing_happens()


@pytest.mark.parametrize("command", ALL_AND_CLEAR)
def test_what_somebody_arranges_is_arranged_for_nobody_else(command: Command) -> None:
    arranged = [ConversationPinned(), ConversationArchived(), ConversationCleared(0)]
    alone = a_group().when(command, by=ANN)
    beside = a_group().happened(BEN, *arranged).when(command, by=ANN)
    assert alone.decision == beside.decision


@pytest.mark.parametrize("scene", [a_pair(), nothing_yet(PAIR).happened(ANN, ConversationStarted("agent", ()))])
def test_it_is_arranged_whatever_its_kind(scene: Scene) -> None:
    scene.when(PinConversation(PAIR), by=ANN).then(ConversationPinned())
    scene.when(ClearConversation(PAIR), by=ANN).then(ConversationCleared(0))


@pytest.mark.parametrize("command", ALL_AND_CLEAR)
def test_who_is_not_in_it_arranges_nothing(command: Command) -> None:
    a_group().when(command, by=EVE).then_refused(NothingHere)
    a_group().happened(BEN, ParticipantLeft()).when(command, by=BEN).then_refused(NothingHere)
    a_group().happened(ANN, ConversationDeleted()).when(command, by=ANN).then_refused(NothingHere)
    nothing_yet().when(command, by=ANN).then_refused(NothingHere)


def test_who_comes_back_has_it_as_everybody_who_is_new() -> None:
    scene = where_said(a_group(), ANN).happened(BEN, ConversationPinned(), ConversationCleared(1), ParticipantLeft())
    scene.happened(ANN, ParticipantAdded(BEN, 1))
    scene.when(MayReadMessage(CREW, FIRST, BEN), by=BEN).then_nothing_happens()
    scene.when(UnpinConversation(CREW), by=BEN).then_nothing_happens()


# Clearing


def test_all_that_was_said_so_far_is_cleared() -> None:
    outcome = where_said(a_group(), ANN).when(ClearConversation(CREW), by=BEN)
    outcome.then(ConversationCleared(1))


def test_there_is_more_to_clear_once_something_newer_was_said() -> None:
    cleared = where_said(a_group(), ANN).happened(BEN, ConversationCleared(1))
    cleared.when(ClearConversation(CREW), by=BEN).then_nothing_happens(cleared_seq=1)
    cleared.happened(ANN, said("Again", 2)).when(ClearConversation(CREW), by=BEN).then(ConversationCleared(2))


def test_a_conversation_in_which_nothing_was_said_is_cleared_once() -> None:
    a_group().when(ClearConversation(CREW), by=BEN).then(ConversationCleared(0)).when(
        ClearConversation(CREW), by=BEN
    ).then_nothing_happens(cleared_seq=0)


def test_who_cleared_a_message_may_read_it_no_more_and_everybody_else_may() -> None:
    scene = where_said(a_group(), ANN).happened(BEN, ConversationCleared(1))
    scene.happened(CY, said("Later", 2), command_id=SECOND)
    scene.when(MayReadMessage(CREW, FIRST, BEN), by=BEN).then_refused(NothingHere)
    scene.when(MayReadMessage(CREW, FIRST, CY), by=CY).then_nothing_happens()
    scene.when(MayReadMessage(CREW, SECOND, BEN), by=BEN).then_nothing_happens()


def test_to_clear_is_not_to_read() -> None:
    scene = where_said(a_group(), ANN).happened(BEN, ConversationCleared(1))
    assert markers_of(scene, BEN) == (0, 0)
    scene.when(MarkRead(CREW, 1), by=BEN).then(MessagesRead(1))


def test_what_somebody_cleared_is_still_theirs_to_edit_and_to_unsend() -> None:
    scene = where_said(a_group(), BEN).happened(BEN, ConversationCleared(1))
    scene.when(EditMessage(CREW, FIRST, "Better"), by=BEN).then(MessageEdited(FIRST, "Better"))
    scene.when(UnsendMessage(CREW, FIRST), by=BEN).then(MessageUnsent(FIRST))


def test_who_cleared_it_is_still_in_it() -> None:
    scene = where_said(with_an_agent(BEN), ANN).happened(BEN, ConversationCleared(1))
    scene.when(saying("Still here"), by=BEN).then(said("Still here", 2))
