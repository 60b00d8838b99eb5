"""What is shown of a text that was found: the place that was asked for, marked, with some of what is around it."""

from unicodedata import normalize

import pytest

from services.projector.questions.snippets import SNIPPET_CHARACTERS, places_of, snippet_of


def shown(content: str, asked: str) -> str:
    """The snippet, with what is highlighted in brackets."""
    parts = snippet_of(content, places_of(asked))
    return "".join(f"[{part.text}]" if part.highlighted else part.text for part in parts)


@pytest.mark.parametrize(
    ("content", "asked", "snippet"),
    [
        ("The boat leaves", "boat", "The [boat] leaves"),
        ("BOAT, boat: Boat!", "boat", "[BOAT], [boat]: [Boat]!"),
        ("leaves the boat", "boat leaves", "[leaves] the [boat]"),
        ("boats and houseboat", "boat", "boats and houseboat"),
        ("the café is closed", "CAFE", "the [café] is closed"),
        (normalize("NFD", "the café is closed"), "café", "the [café] is closed"),
        ("a cafe", "café", "a [cafe]"),
        ("see docs/index.html", "html", "see docs/index.[html]"),
        ("a snake_case name", "case", "a snake_[case] name"),
        ("I don\u2019t know", "don't", "I [don\u2019t] know"),
        ("東京タワーに行く", "タワー", "東京[タワー]に行く"),
        ("Ёлка", "елка", "[Ёлка]"),
        ("한국어를 배워요", "배워요", "한국어를 [배워요]"),
        ("<b>boat</b> & [boat]", "boat", "<b>[boat]</b> & [[boat]]"),
        ("a.c abc", "a.c", "[a.c] abc"),
        ("anything", "?!", "anything"),
    ],
)
def test_what_was_asked_for_is_highlighted_as_it_was_written(content: str, asked: str, snippet: str) -> None:
    assert shown(content, asked) == snippet


def test_of_a_long_text_the_stretch_around_the_first_place_is_shown() -> None:
    found = shown("before " * 100 + "boat " + "behind " * 100, "boat")

    assert found == "…" + "before " * 5 + "[boat] " + "behind " * 22 + "behind…"


def test_a_long_text_without_a_space_is_cut_somewhere() -> None:
    assert shown("x" * 1_000, "boat") == "x" * SNIPPET_CHARACTERS + "…"


def test_without_a_place_the_beginning_is_shown() -> None:
    assert shown("one two", "boat") == "one two"


def test_a_text_of_two_hundred_characters_is_shown_whole() -> None:
    text = "a " * 97 + "boat ."

    assert len(text) == SNIPPET_CHARACTERS
    assert shown(text, "nothing") == text
    assert shown(text + ".", "nothing") == text.removesuffix(" .") + "…"


def test_a_place_is_shown_to_its_end() -> None:
    word = "w" * 200

    assert shown(f"{'x ' * 30}{word} end", word) == f"…{'x ' * 19}[{word}]…"


@pytest.mark.timeout(
    10
)  # trying each mark as something between two words as well would take 2 to the power of 60 steps
def test_a_text_full_of_marks_is_looked_through_once() -> None:
    content = "á " * 60 + "c " + "a " * 60 + "b"

    parts = snippet_of(content, places_of("a/" * 60 + "b"))

    assert [part.text for part in parts if part.highlighted] == ["a " * 60 + "b"]
