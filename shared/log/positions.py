"""A position names a record for those outside: opaque to them, a topic, a partition and an offset to us."""

import re

from msgspec import Struct

from shared.identifiers import StreamKind

_LETTERS = {StreamKind.CONVERSATIONS: "c", StreamKind.USERS: "u"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_FORM = re.compile(r"([cu])([0-9]{1,9})-(-1|[0-9]{1,18})")


class BadPositionError(ValueError):
    """The text is not one of the positions that Verbatim gives out."""


class Position(Struct, frozen=True, order=True, gc=False):
    """The place of a record. An `offset` of -1 is the place before the first."""

    kind: StreamKind
    partition: int
    offset: int

    def __str__(self) -> str:
        """The text that clients keep and give back."""
        return f"{_LETTERS[self.kind]}{self.partition}-{self.offset}"


def parse_position(text: str) -> Position:
    """Reads what `str(position)` wrote; raises BadPositionError for anything else."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise BadPositionError(
            "this is no position: give back one that a command answered, or several separated by commas"
        )
    letter, partition, offset = found.groups()
    return Position(_KINDS[letter], int(partition), int(offset))


def parse_positions(text: str) -> tuple[Position, ...]:
    """Reads several positions separated by commas; an empty text is none."""
    return tuple(parse_position(part.strip()) for part in text.split(",") if part.strip())
