"""Unicode's normal forms, in a time that grows with a text's length and no faster, whatever it consists of."""

from typing import Literal
from unicodedata import normalize

PIECE_CHARACTERS = 500
"""Marks on one letter are put in order by swapping neighbours: a hundred thousand of them would take minutes."""


def normalized(form: Literal["NFC", "NFD", "NFKD"], text: str) -> str:
    """The text in a normal form; a longer one piece by piece, so that across their borders marks keep their order."""
    if len(text) <= PIECE_CHARACTERS:
        return normalize(form, text)
    pieces = range(0, len(text), PIECE_CHARACTERS)
    return "".join([normalize(form, text[start : start + PIECE_CHARACTERS]) for start in pieces])
