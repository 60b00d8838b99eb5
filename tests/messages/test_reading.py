"""Who may read a message; and what messages are to those who are not in the conversation."""

from dataclasses import replace

import pytest

from services.command.deciding import Command
from services.command.features.conversations.refusals import NothingHere
from services.command.features.messages.decider import (
    EditMessage,
    MarkDelivered,
    MarkRead,
    RemoveReaction,
    SetReaction,
    UnsendMessage,
)
from services.command.features.messages.facts import MayReadFile, MayReadMessage
from shared.events.conversations import ConversationDeleted, ParticipantAdded, ParticipantLeft, ParticipantRemoved
from shared.events.messages import MessageUnsent, SystemMessageSent
from shared.identifiers import FileId
from tests.conversations.examples import ANN, BEN, CREW, CY, DOT, a_group, nothing_yet
from tests.messages.examples import FIRST, MISSING, SECOND, saying, where_said

# Who may read


def test_whoever_is_in_it_may_read_a_message() -> None:
    where_said(a_group(), ANN).when(MayReadMessage(CREW, FIRST, CY), by=CY).then_nothing_happens()


def test_a_new_member_may_read_what_was_said_before() -> None:
    scene = where_said(a_group(), ANN).happened(ANN, ParticipantAdded(DOT, 1))
    scene.when(MayReadMessage(CREW, FIRST, DOT), by=DOT).then_nothing_happens()


def test_an_unsent_message_and_a_notice_are_there_to_be_read() -> None:
    scene = where_said(a_group(), ANN).happened(ANN, MessageUnsent(FIRST))
    scene = scene.happened(ANN, SystemMessageSent(SECOND, 2, "renamed", title="Crew"))
    for message_id in (FIRST, SECOND):
        scene.when(MayReadMessage(CREW, message_id, CY), by=CY).then_nothing_happens()


def test_no_stranger_may_read_a_message_whoever_asks() -> None:
    where_said(a_group(), ANN).when(MayReadMessage(CREW, FIRST, DOT), by=ANN).then_refused(NothingHere)


def test_there_is_nothing_to_read_where_there_is_no_message() -> None:
    a_group().when(MayReadMessage(CREW, MISSING, ANN), by=ANN).then_refused(NothingHere)
    nothing_yet().when(MayReadMessage(CREW, MISSING, ANN), by=ANN).then_refused(NothingHere)


# Strangers, and what is gone

EVERYTHING: list[Command] = [
    saying("Hello"),
    saying("Hello", reply_to=FIRST),
    saying("x" * 5_000),
    EditMessage(CREW, FIRST, "Mine"),
    EditMessage(CREW, MISSING, "Mine"),
    UnsendMessage(CREW, FIRST),
    UnsendMessage(CREW, MISSING),
    SetReaction(CREW, FIRST, "like"),
    SetReaction(CREW, MISSING, "like"),
    RemoveReaction(CREW, FIRST),
    MarkDelivered(CREW, 1),
    MarkRead(CREW, 99),
    MayReadMessage(CREW, FIRST, DOT),
    MayReadFile(CREW, FileId(FIRST), (FIRST,), DOT),
]


@pytest.mark.parametrize("command", EVERYTHING)
def test_a_stranger_is_told_the_same_of_a_group_as_of_none(command: Command) -> None:
    where_said(a_group(), ANN).when(command, by=DOT).then_refused(NothingHere)
    nothing_yet().when(command, by=DOT).then_refused(NothingHere)


@pytest.mark.parametrize("command", EVERYTHING)
def test_whoever_left_or_was_removed_is_a_stranger_even_to_their_own_messages(command: Command) -> None:
    spoke = where_said(a_group(BEN, DOT), DOT)
    spoke.happened(DOT, ParticipantLeft()).when(command, by=DOT).then_refused(NothingHere)
    where_said(a_group(BEN, DOT), DOT).happened(ANN, ParticipantRemoved(DOT)).when(command, by=DOT).then_refused(
        NothingHere
    )


@pytest.mark.parametrize("command", EVERYTHING)
def test_a_deleted_group_is_gone_for_its_owner_too(command: Command) -> None:
    asked = replace(command, user_id=ANN) if isinstance(command, MayReadMessage | MayReadFile) else command
    where_said(a_group(), ANN).happened(ANN, ConversationDeleted()).when(asked, by=ANN).then_refused(NothingHere)
