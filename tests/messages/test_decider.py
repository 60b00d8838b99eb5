"""What a conversation lets people say, take back and mark, and who may read a message."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from services.command.deciding import Command, Refusal
from services.command.features.conversations.conversation import PARTICIPANT
from services.command.features.conversations.notices import notice_id
from services.command.features.conversations.refusals import AgentIsUnknown, ConversationIsFull, NothingHere
from services.command.features.messages.decider import (
    MESSAGES,
    EditMessage,
    ImportMessage,
    MarkDelivered,
    MarkRead,
    SendMessage,
    UnsendMessage,
)
from services.command.features.messages.facts import MayReadMessage
from services.command.features.messages.numbering import MESSAGE
from services.command.features.messages.refusals import (
    BeyondLastMessage,
    EarlierIsMissing,
    MessageIsUnsent,
    NoSuchMessage,
    OnlySenderMay,
    OnlySenderOrLeadersMay,
    RepliedToIsMissing,
    TextIsBlank,
    TextIsTooLong,
)
from shared.events.conversations import (
    ConversationDeleted,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
)
from shared.events.messages import (
    MessageEdited,
    MessagesDelivered,
    MessageSent,
    MessagesRead,
    MessageUnsent,
    SystemMessageSent,
)
from shared.identifiers import ConversationId, MessageId, UserId, derived_id
from tests.conversations.examples import (
    ANN,
    BEN,
    CREW,
    CY,
    DOT,
    NOBODY,
    NOW,
    PAIR,
    ROBOT,
    a_group,
    a_group_with_admin,
    a_pair,
    nothing_yet,
    with_an_agent,
)
from tests.specs.deciding import NOON, Scene

FIRST = MessageId(derived_id("spec", "first message"))
SECOND = MessageId(derived_id("spec", "second message"))
MISSING = MessageId(derived_id("spec", "no message"))


def saying(content: str, *, to: ConversationId = CREW, reply_to: MessageId | None = None) -> SendMessage:
    return SendMessage(to, content, "client-1", reply_to)


def said(content: str, seq: int = 1, reply_to: MessageId | None = None) -> MessageSent:
    return MessageSent(seq, content, "client-1", reply_to_id=reply_to)


def where_said(scene: Scene, by: UserId, content: str = "Hello", message_id: MessageId = FIRST) -> Scene:
    return scene.happened(by, said(content), command_id=message_id)


def markers_of(scene: Scene, user_id: UserId) -> tuple[int, int]:
    participant = scene.copy.view(scene.stream_id, NOW, ANN).row(PARTICIPANT, user_id)
    assert participant is not None
    return participant.delivered_seq, participant.read_seq


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


# Markers


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
    MarkDelivered(CREW, 1),
    MarkRead(CREW, 99),
    MayReadMessage(CREW, FIRST, DOT),
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
    asked = replace(command, user_id=ANN) if isinstance(command, MayReadMessage) else command
    where_said(a_group(), ANN).happened(ANN, ConversationDeleted()).when(asked, by=ANN).then_refused(NothingHere)


# What the rules keep


def test_a_message_is_kept_as_a_short_row_however_long_it_is() -> None:
    scene = where_said(with_an_agent(), ANN, "x" * 100_000)
    message = scene.copy.view(scene.stream_id, NOW, ANN).row(MESSAGE, FIRST)
    assert message is not None
    assert len(message.digest) == 16


def test_the_notices_of_different_commands_have_different_ids() -> None:
    ids = {notice_id(command, place) for command in (NOW, FIRST) for place in (0, 1)}  # type: ignore[arg-type]
    assert len(ids) == 4
