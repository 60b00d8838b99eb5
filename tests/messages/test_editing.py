"""Who may edit or unsend a message."""

import pytest

from services.command.features.messages.decider import EditMessage, UnsendMessage
from services.command.features.messages.refusals import (
    MessageIsUnsent,
    NoSuchMessage,
    OnlySenderMay,
    OnlySenderOrLeadersMay,
    TextIsBlank,
    TextIsTooLong,
)
from shared.events.conversations import ConversationCleared
from shared.events.messages import MessageEdited, MessageUnsent, SystemMessageSent
from shared.identifiers import UserId
from tests.conversations.examples import ANN, BEN, CREW, CY, PAIR, a_group, a_group_with_admin, a_pair, with_an_agent
from tests.messages.examples import FIRST, MISSING, where_said
from tests.specs.deciding import NOON

# Editing


def test_the_sender_edits_a_message() -> None:
    where_said(a_group(), BEN, "Helo").when(EditMessage(CREW, FIRST, "Hello"), by=BEN).then(
        MessageEdited(FIRST, "Hello")
    )


@pytest.mark.parametrize("who", [ANN, CY])
def test_nobody_else_edits_it_not_even_the_owner(who: UserId) -> None:
    where_said(a_group(), BEN).when(EditMessage(CREW, FIRST, "Mine"), by=who).then_refused(OnlySenderMay)


def test_the_same_text_again_is_no_edit() -> None:
    where_said(a_group(), BEN, "Hello").when(EditMessage(CREW, FIRST, "Hello"), by=BEN).then_nothing_happens()


def test_an_edit_is_compared_with_the_present_text() -> None:
    edited = where_said(a_group(), BEN, "One").happened(BEN, MessageEdited(FIRST, "Two"))
    edited.when(EditMessage(CREW, FIRST, "Two"), by=BEN).then_nothing_happens().when(
        EditMessage(CREW, FIRST, "One"), by=BEN
    ).then(MessageEdited(FIRST, "One"))


def test_texts_that_only_look_alike_are_different() -> None:
    where_said(a_group(), BEN, "caf\u00e9").when(EditMessage(CREW, FIRST, "cafe\u0301"), by=BEN).then(
        MessageEdited(FIRST, "cafe\u0301")
    )


def test_an_unsent_message_is_not_edited() -> None:
    unsent = where_said(a_group(), BEN).happened(BEN, MessageUnsent(FIRST))
    unsent.when(EditMessage(CREW, FIRST, "Again"), by=BEN).then_refused(MessageIsUnsent)


def test_an_edit_has_a_messages_limits() -> None:
    scene = where_said(a_group(), BEN)
    scene.when(EditMessage(CREW, FIRST, " "), by=BEN).then_refused(TextIsBlank)
    scene.when(EditMessage(CREW, FIRST, "x" * 4_001), by=BEN).then_refused(TextIsTooLong)
    scene.when(EditMessage(CREW, FIRST, "x" * 4_000), by=BEN).then(MessageEdited(FIRST, "x" * 4_000))


def test_an_edit_in_an_agent_conversation_may_be_as_long_as_a_message_there() -> None:
    scene = where_said(with_an_agent(), ANN)
    scene.when(EditMessage(CREW, FIRST, "x" * 100_000), by=ANN).then(MessageEdited(FIRST, "x" * 100_000))
    scene.when(EditMessage(CREW, FIRST, "x" * 100_001), by=ANN).then_refused(TextIsTooLong)


def test_nobody_edits_what_is_no_message() -> None:
    a_group().when(EditMessage(CREW, MISSING, "Hello"), by=BEN).then_refused(NoSuchMessage)


@pytest.mark.parametrize("who", [ANN, BEN])
def test_nobody_edits_a_notice(who: UserId) -> None:
    noted = a_group().happened(ANN, SystemMessageSent(FIRST, 1, "renamed", title="Crew"))
    noted.when(EditMessage(CREW, FIRST, "Mine"), by=who).then_refused(OnlySenderMay)


def test_what_somebody_cleared_is_no_message_to_them_unless_it_is_their_own() -> None:
    cleared = where_said(a_group_with_admin(), CY)
    for who in (ANN, BEN, CY):
        cleared = cleared.happened(who, ConversationCleared(1))
    for command in (EditMessage(CREW, FIRST, "Mine"), UnsendMessage(CREW, FIRST)):
        for who in (ANN, BEN):
            cleared.when(command, by=who).then_refused(NoSuchMessage)
    cleared.when(EditMessage(CREW, FIRST, "Mine"), by=CY).then(MessageEdited(FIRST, "Mine"))
    cleared.when(UnsendMessage(CREW, FIRST), by=CY).then(MessageUnsent(FIRST))


def test_an_imported_edit_has_the_sources_time() -> None:
    where_said(a_group(), BEN).when(EditMessage(CREW, FIRST, "Hello!", NOON), by=BEN).then(
        MessageEdited(FIRST, "Hello!", NOON)
    )


# Unsending


def test_the_sender_unsends_a_message() -> None:
    where_said(a_group(), CY).when(UnsendMessage(CREW, FIRST), by=CY).then(MessageUnsent(FIRST))


@pytest.mark.parametrize("who", [ANN, BEN])
def test_a_groups_owner_and_admin_unsend_others_messages(who: UserId) -> None:
    where_said(a_group_with_admin(), CY).when(UnsendMessage(CREW, FIRST), by=who).then(MessageUnsent(FIRST))


def test_a_member_unsends_nobody_elses_message() -> None:
    where_said(a_group(), ANN).when(UnsendMessage(CREW, FIRST), by=CY).then_refused(OnlySenderOrLeadersMay)


def test_in_a_direct_conversation_nobody_unsends_the_others_message() -> None:
    where_said(a_pair(), BEN).when(UnsendMessage(PAIR, FIRST), by=ANN).then_refused(OnlySenderOrLeadersMay)


def test_the_owner_of_an_agent_conversation_unsends_only_their_own() -> None:
    where_said(with_an_agent(BEN), BEN).when(UnsendMessage(CREW, FIRST), by=ANN).then_refused(OnlySenderOrLeadersMay)


@pytest.mark.parametrize("who", [ANN, CY])
def test_unsending_a_second_time_changes_nothing(who: UserId) -> None:
    unsent = where_said(a_group(), CY).happened(CY, MessageUnsent(FIRST))
    unsent.when(UnsendMessage(CREW, FIRST), by=who).then_nothing_happens()


def test_nobody_unsends_what_is_no_message() -> None:
    a_group().when(UnsendMessage(CREW, MISSING), by=ANN).then_refused(NoSuchMessage)
