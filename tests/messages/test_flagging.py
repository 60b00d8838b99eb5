"""Which texts are flagged, and that it stops nothing."""

from dataclasses import replace

import pytest

from services.command.features.messages.decider import EditMessage, ImportMessage
from services.command.flagging import NOTHING_IS_FLAGGED, NotAWordError, flag_policy_of
from shared.events.messages import MessageEdited, MessageSent
from tests.conversations.examples import ANN, BEN, CREW, a_group
from tests.messages.examples import FIRST, saying, where_said
from tests.specs.deciding import NOON

POLICY = flag_policy_of(
    ["# what nobody should say", "", "scurvy", "Écoeurant", "stra\u00dfe ", "7up", "\u0411\u043b\u0438\u043d"]
)

# Which words count


@pytest.mark.parametrize(
    "text",
    [
        "scurvy",
        "You SCURVY dog!",
        "(scurvy)",
        "so_scurvy_",
        "the scurvy's end",
        "sc\u00fcrv\u00fd",
        "scu\u0301rvy",
        "ecoeurant",
        "\u00c9COEURANT",
        "in der STRASSE",
        "\uff53\uff43\uff55\uff52\uff56\uff59",
        "a 7Up, please",
        "\u0431\u043b\u0438\u043d!",
    ],
)
def test_a_word_counts_in_whatever_case_and_with_whatever_accents(text: str) -> None:
    assert POLICY.version_matched_by(text) == POLICY.version


@pytest.mark.parametrize("text", ["scurvydog", "unscurvy", "scur vy", "sc.urvy", "7ups", "what nobody should say", ""])
def test_a_part_of_a_word_does_not_count(text: str) -> None:
    assert POLICY.version_matched_by(text) is None


def test_without_a_list_nothing_is_flagged() -> None:
    assert NOTHING_IS_FLAGGED.version_matched_by("scurvy") is None


def test_the_same_words_have_the_same_version_and_others_another() -> None:
    assert flag_policy_of(["b", "A"]).version == flag_policy_of(["a", "# c", "B", "b"]).version
    assert flag_policy_of(["a", "b"]).version == "a76de9f2d561975f"
    assert flag_policy_of(["a"]).version != flag_policy_of(["b"]).version


@pytest.mark.parametrize("line", ["two words", "e-mail", "!", "\u0301"])
def test_a_line_that_is_no_single_word_is_named(line: str) -> None:
    with pytest.raises(NotAWordError, match="line 2 "):
        flag_policy_of(["fine", line])


# What is recorded


def test_what_a_text_was_found_to_be_is_recorded_with_it() -> None:
    flagged = MessageSent(1, "Scurvy!", "client-1", flagged=True, policy_version="v1")
    a_group().when(replace(saying("Scurvy!"), policy_version="v1"), by=BEN).then(flagged)


def test_an_edit_is_flagged_by_its_own_text() -> None:
    scene = where_said(a_group(), BEN)
    scene.when(EditMessage(CREW, FIRST, "Scurvy!", policy_version="v1"), by=BEN).then(
        MessageEdited(FIRST, "Scurvy!", flagged=True, policy_version="v1")
    ).when(EditMessage(CREW, FIRST, "Sorry"), by=BEN).then(MessageEdited(FIRST, "Sorry"))


def test_an_imported_text_is_flagged_as_any_other() -> None:
    command = ImportMessage(CREW, "Scurvy!", "client-1", NOON, edited_at=NOON, policy_version="v1")
    a_group().when(command, by=ANN, command_id=FIRST).then(
        MessageSent(1, "Scurvy!", "client-1", occurred_at=NOON, flagged=True, policy_version="v1"),
        MessageEdited(FIRST, "Scurvy!", NOON, flagged=True, policy_version="v1"),
    )
