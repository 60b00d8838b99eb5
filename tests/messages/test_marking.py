"""How far messages have reached people, and how far they have read."""

import pytest

from services.command.deciding import Command
from services.command.features.messages.decider import MESSAGES, MarkDelivered, MarkRead
from services.command.features.messages.refusals import BeyondLastMessage
from shared.events.messages import MessagesDelivered, MessagesRead, SystemMessageSent
from tests.conversations.examples import ANN, BEN, CREW, CY, a_group
from tests.messages.examples import FIRST, markers_of, said, where_said


def test_what_was_delivered_moves_its_marker_alone() -> None:
    scene = where_said(a_group(), ANN).when(MarkDelivered(CREW, 1), by=BEN).then(MessagesDelivered(1))
    assert markers_of(scene, BEN) == (1, 0)
    assert markers_of(scene, CY) == (0, 0)


def test_what_was_read_was_delivered_too() -> None:
    scene = where_said(a_group(), ANN).when(MarkRead(CREW, 1), by=BEN).then(MessagesRead(1))
    assert markers_of(scene, BEN) == (1, 1)
    scene.when(MarkDelivered(CREW, 1), by=BEN).then_nothing_happens(delivered_seq=1)


def test_reading_less_than_was_delivered_leaves_the_other_marker_where_it_is() -> None:
    scene = a_group().happened(ANN, said("1", 1)).happened(ANN, said("2", 2)).happened(BEN, MessagesDelivered(2))
    assert markers_of(scene.when(MarkRead(CREW, 1), by=BEN).then(MessagesRead(1)), BEN) == (2, 1)


@pytest.mark.parametrize("seq", [0, 1, 2])
def test_markers_do_not_move_back_or_stay_with_an_event(seq: int) -> None:
    scene = a_group().happened(ANN, said("1", 1)).happened(ANN, said("2", 2)).happened(BEN, MessagesRead(2))
    scene.when(MarkRead(CREW, seq), by=BEN).then_nothing_happens(read_seq=2)
    scene.when(MarkDelivered(CREW, seq), by=BEN).then_nothing_happens(delivered_seq=2)


@pytest.mark.parametrize("command", [MarkRead(CREW, 2), MarkDelivered(CREW, 2)])
def test_no_marker_moves_past_the_last_message(command: Command) -> None:
    where_said(a_group(), ANN).when(command, by=BEN).then_refused(BeyondLastMessage)


def test_in_an_empty_conversation_there_is_nothing_to_mark() -> None:
    a_group().when(MarkRead(CREW, 0), by=BEN).then_nothing_happens(read_seq=0).when(
        MarkDelivered(CREW, 1), by=BEN
    ).then_refused(BeyondLastMessage)


def test_a_notice_can_be_read() -> None:
    noted = a_group().happened(ANN, SystemMessageSent(FIRST, 1, "renamed", title="Crew"))
    noted.when(MarkRead(CREW, 1), by=BEN).then(MessagesRead(1))


def test_a_marker_is_answered_with_where_it_is() -> None:
    scene = where_said(a_group(), ANN).happened(BEN, MessagesDelivered(1)).happened(BEN, MessagesRead(1))
    assert [MESSAGES.result(each) for each in scene.events[-2:]] == [{"delivered_seq": 1}, {"read_seq": 1}]
