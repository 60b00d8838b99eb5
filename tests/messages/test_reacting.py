"""Who may react to a message, and what becomes of their reaction."""

import pytest

from services.command.deciding import Command, Refusal
from services.command.features.conversations.refusals import ConversationIsFull, NothingHere
from services.command.features.messages.decider import ImportReaction, RemoveReaction, SetReaction
from services.command.features.messages.refusals import MessageIsUnsent, NoSuchMessage
from shared.events.conversations import (
    ConversationCleared,
    ConversationDeleted,
    ParticipantAdded,
    ParticipantLeft,
)
from shared.events.messages import (
    MessageEdited,
    MessageSent,
    MessageUnsent,
    ReactionKind,
    ReactionRemoved,
    ReactionSet,
    SystemMessageSent,
)
from shared.identifiers import MessageId, UserId, derived_id
from tests.conversations.examples import ANN, BEN, CREW, CY, DOT, PAIR, a_group, a_pair, nothing_yet
from tests.messages.examples import FIRST, MISSING, SECOND, markers_of, where_said
from tests.specs.deciding import NOON, Scene


def reacting(kind: ReactionKind, to: MessageId = FIRST) -> SetReaction:
    return SetReaction(CREW, to, kind)


TAKING_BACK = RemoveReaction(CREW, FIRST)


def where_liked(by: UserId = CY) -> Scene:
    return where_said(a_group(), BEN).happened(by, ReactionSet(FIRST, "like"))


@pytest.mark.parametrize("kind", ["like", "love", "haha", "wow", "sad", "pray"])
def test_there_are_six_ways_to_react(kind: ReactionKind) -> None:
    where_said(a_group(), BEN).when(reacting(kind), by=CY).then(ReactionSet(FIRST, kind))


@pytest.mark.parametrize("who", [ANN, BEN, CY])
def test_everybody_may_react_the_sender_too(who: UserId) -> None:
    where_said(a_group(), BEN).when(reacting("like"), by=who).then(ReactionSet(FIRST, "like"))


def test_both_of_a_pair_may_react() -> None:
    where_said(a_pair(), ANN).when(SetReaction(PAIR, FIRST, "wow"), by=BEN).then(ReactionSet(FIRST, "wow"))


def test_a_notice_can_be_reacted_to() -> None:
    noted = a_group().happened(ANN, SystemMessageSent(FIRST, 1, "renamed", title="Crew"))
    noted.when(reacting("love"), by=BEN).then(ReactionSet(FIRST, "love"))


def test_the_same_reaction_again_changes_nothing() -> None:
    where_liked().when(reacting("like"), by=CY).then_nothing_happens()


def test_another_reaction_takes_the_place_of_the_one_before() -> None:
    changed = where_liked().when(reacting("sad"), by=CY).then(ReactionSet(FIRST, "sad"))
    changed.when(reacting("sad"), by=CY).then_nothing_happens().when(reacting("like"), by=CY).then(
        ReactionSet(FIRST, "like")
    )


def test_each_person_reacts_for_themselves() -> None:
    where_liked().when(reacting("like"), by=BEN).then(ReactionSet(FIRST, "like"))
    where_liked().when(TAKING_BACK, by=BEN).then_nothing_happens()


def test_each_message_is_reacted_to_by_itself() -> None:
    scene = where_liked().happened(BEN, MessageSent(2, "And?", "client-2"), command_id=SECOND)
    scene.when(reacting("like", SECOND), by=CY).then(ReactionSet(SECOND, "like"))


def test_a_reaction_is_taken_back_and_can_come_again() -> None:
    gone = where_liked().when(TAKING_BACK, by=CY).then(ReactionRemoved(FIRST))
    gone.when(TAKING_BACK, by=CY).then_nothing_happens().when(reacting("like"), by=CY).then(ReactionSet(FIRST, "like"))


def test_an_edit_leaves_the_reactions_as_they_are() -> None:
    where_liked().happened(BEN, MessageEdited(FIRST, "Hi")).when(reacting("like"), by=CY).then_nothing_happens()


@pytest.mark.parametrize("command", [reacting("like"), reacting("sad"), TAKING_BACK])
@pytest.mark.parametrize("who", [BEN, CY])
def test_to_an_unsent_message_there_are_no_reactions(command: Command, who: UserId) -> None:
    outcome = where_liked().happened(BEN, MessageUnsent(FIRST)).when(command, by=who)
    outcome.then_refused(MessageIsUnsent)
    assert isinstance(outcome.decision, Refusal)
    assert outcome.decision.status == 409


@pytest.mark.parametrize("command", [SetReaction(CREW, MISSING, "like"), RemoveReaction(CREW, MISSING)])
def test_nobody_reacts_to_what_is_no_message(command: Command) -> None:
    a_group().when(command, by=ANN).then_refused(NoSuchMessage)


@pytest.mark.parametrize("command", [reacting("sad"), TAKING_BACK])
def test_what_somebody_cleared_is_there_for_the_others_alone(command: Command) -> None:
    cleared = where_liked().happened(CY, ConversationCleared(1))
    cleared.when(command, by=CY).then_refused(NoSuchMessage)
    cleared.when(reacting("sad"), by=BEN).then(ReactionSet(FIRST, "sad"))


# Importing


def importing(kind: ReactionKind, to: MessageId = FIRST) -> ImportReaction:
    return ImportReaction(CREW, to, kind, NOON)


def test_whoever_reacts_in_an_import_joins_just_before_without_a_notice() -> None:
    joined = ParticipantAdded(DOT, 1, occurred_at=NOON)
    scene = where_said(a_group(), BEN).when(importing("like"), by=DOT).then(joined, ReactionSet(FIRST, "like"))
    assert markers_of(scene, DOT) == (1, 1)


def test_whoever_is_in_it_already_only_reacts() -> None:
    where_said(a_group(), BEN).when(importing("like"), by=CY).then(ReactionSet(FIRST, "like"))


def test_an_imported_reaction_is_one_of_each_person_too() -> None:
    where_liked().when(importing("like"), by=CY).then_nothing_happens()
    where_liked().when(importing("sad"), by=CY).then(ReactionSet(FIRST, "sad"))


def test_an_imported_reaction_has_a_reactions_rules() -> None:
    a_group().when(importing("like", MISSING), by=DOT).then_refused(NoSuchMessage)
    where_liked().happened(BEN, MessageUnsent(FIRST)).when(importing("sad"), by=DOT).then_refused(MessageIsUnsent)
    where_liked().happened(CY, ConversationCleared(1)).when(importing("sad"), by=CY).then_refused(NoSuchMessage)


def test_nobody_joins_a_direct_conversation_by_reacting_in_an_import() -> None:
    said = where_said(a_pair(), ANN)
    said.when(ImportReaction(PAIR, FIRST, "like", NOON), by=DOT).then_refused(NothingHere)


def test_nobody_joins_a_full_conversation_by_reacting_in_an_import() -> None:
    crowd = [ParticipantAdded(UserId(derived_id("crowd", str(n))), 0) for n in range(9_997)]
    full = where_said(a_group().happened(ANN, *crowd), BEN)
    full.when(importing("like"), by=DOT).then_refused(ConversationIsFull)
    full.happened(CY, ParticipantLeft()).when(importing("like"), by=DOT).then(
        ParticipantAdded(DOT, 1, occurred_at=NOON), ReactionSet(FIRST, "like")
    )


def test_nobody_reacts_in_an_import_in_what_is_not_there() -> None:
    nothing_yet().when(importing("like"), by=ANN).then_refused(NothingHere)
    where_liked().happened(ANN, ConversationDeleted()).when(importing("sad"), by=CY).then_refused(NothingHere)
