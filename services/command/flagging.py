"""Which texts are flagged: those with a word of the operator's list, in whatever case and with whatever accents."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from shared.texts import normalized

VERSION_BYTES = 8
WORD = re.compile(r"[^\W_]+")
ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""Unicode's blocks of marks that are put on letters of any script; vowel signs, which are letters, are none of them."""


class NotAWordError(ValueError):
    """A line of the list is no single word."""


@dataclass(frozen=True, slots=True)
class FlagPolicy:
    """The words that a text is flagged for. `version` stands for them: the same words, in any order, have the same."""

    version: str
    words: frozenset[str]

    def version_matched_by(self, text: str) -> str | None:
        """The version, where the text has one of the words; else None."""
        if not self.words or self.words.isdisjoint(_words_of(text)):
            return None
        return self.version


def flag_policy_of(lines: Iterable[str]) -> FlagPolicy:
    """The policy of a list with a word a line; empty lines and what begins with # are passed over.

    Raises NotAWordError for a line that is no single word of letters and digits.
    """
    words = set[str]()
    for number, line in enumerate(lines, 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        found = _words_of(entry)
        if len(found) != 1:
            raise NotAWordError(f"line {number} is no single word of letters and digits")
        words.add(found[0])
    hashed = blake2b("\n".join(sorted(words)).encode(), digest_size=VERSION_BYTES)
    return FlagPolicy(hashed.hexdigest(), frozenset(words))


NOTHING_IS_FLAGGED = flag_policy_of(())


def _words_of(text: str) -> list[str]:
    return WORD.findall(text.lower() if text.isascii() else _plain(text))


def _plain(text: str) -> str:
    """Without accents, case and compatibility forms."""
    return ACCENTS.sub("", normalized("NFKD", text)).casefold()
