"""What is shown of a message that was found: a stretch of its text around the first place that is asked for.

Which messages are found is the index's to say (`plain_text` in the migrations); here the same words are marked in the
text as it was written.
"""

import re

import msgspec

from shared.texts import normalized

SNIPPET_CHARACTERS = 200
BEFORE_CHARACTERS = 40
"""How much of that may come before the first place."""
CUT = "…"

MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]*+"
"""However many: all of them belong to their letter, and none is tried as something between two words."""
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
"""Letters of scripts that are written without spaces between words."""
WITHIN_WORD = rf"[^\W_{SPACELESS}]"
WORD = re.compile(r"[^\W_]+")
SPACE = re.compile(r"\s")
NOWHERE = "(?!)"


class SnippetPart(msgspec.Struct, frozen=True):
    """A piece of the text. `highlighted`: it is what was asked for."""

    text: str
    highlighted: bool


def places_of(asked: str) -> re.Pattern[str]:
    """Finds what was asked for in a text's canonical decomposition, in whatever case and with whatever accents."""
    phrases = [phrase for part in asked.split() if (phrase := _phrase(part))]
    anywhere = "|".join(sorted(phrases, key=len, reverse=True)) or NOWHERE
    return re.compile(rf"(?<!{WITHIN_WORD})(?:{anywhere})(?!{WITHIN_WORD})", re.IGNORECASE)


def _phrase(part: str) -> str:
    """A pattern of the words of what has no space, with anything that is no word between them."""
    words = WORD.findall(re.sub(MARKS, "", normalized("NFKD", part)))
    return r"[\W_]+".join("".join(re.escape(letter) + MARKS for letter in word) for word in words)


def snippet_of(content: str, places: re.Pattern[str]) -> list[SnippetPart]:
    """The stretch of the text, in parts that follow each other; an ellipsis where more comes before or behind."""
    text = normalized("NFD", content)
    first = places.search(text)
    start = _start(text, first.start()) if first else 0
    end = _end(text, max(start + SNIPPET_CHARACTERS, first.end() if first else 0))
    parts, plain, shown = [], CUT if start else "", start
    for place in places.finditer(text, start, end):
        parts += [(plain + text[shown : place.start()], False), (place.group(), True)]
        plain, shown = "", place.end()
    parts.append((plain + text[shown:end] + (CUT if end < len(text) else ""), False))
    return [SnippetPart(normalized("NFC", piece), highlighted) for piece, highlighted in parts if piece]


def _start(text: str, place: int) -> int:
    """Behind the first space of the little that comes before a place, so that no word is cut if it can be."""
    earliest = max(0, place - BEFORE_CHARACTERS)
    space = SPACE.search(text, earliest, place) if earliest else None
    return space.end() if space else earliest


def _end(text: str, latest: int) -> int:
    """In front of the last space, if there is one close to the latest end that there may be."""
    if latest >= len(text):
        return len(text)
    spaces = [*SPACE.finditer(text, latest - BEFORE_CHARACTERS, latest + 1)]
    return spaces[-1].start() if spaces else latest
