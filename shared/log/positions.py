"""A position names a record for those outside: opaque to them, a topic, a partition and an offset to us."""

from dataclasses import dataclass

from shared.identifiers import StreamKind

_LETTERS = {StreamKind.CONVERSATIONS: "c", StreamKind.USERS: "u"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


class BadPositionError(ValueError):
    """The text is not one of the positions that Verbatim gives out."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """The place of a record. An `offset` of -1 is the place before the first."""

    kind: StreamKind
    partition: int
    offset: int

    def __str__(self) -> str:
        """The text that clients keep and give back."""
        return f"{_LETTERS[self.kind]}{self.partition}-{self.offset}"


def parse_position(text: str) -> Position:
    """Reads what `str(position)` wrote; raises BadPositionError for anything else."""
    try:
        kind = _KINDS[text[0]]
        partition, offset = text[1:].split("-", 1)
        if not (partition.isascii() and partition.isdecimal()):
            raise ValueError(partition)  # noqa: TRY301 - it is translated with the others just below
        return Position(kind, int(partition), int(offset))
    except (KeyError, IndexError, ValueError) as error:
        msg = "this is no position: give back one that a command answered, or several separated by commas"
        raise BadPositionError(msg) from error


def parse_positions(text: str) -> tuple[Position, ...]:
    """Reads several positions separated by commas; an empty text is none."""
    return tuple(parse_position(part.strip()) for part in text.split(",") if part.strip())
