"""What the people of a simulation ask for: notes on boards, in both topics; and a plain reading of their log."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Protocol, TypeVar

from services.command.asking import fingerprint_of
from services.command.deciding import Command, Decider, Rule, Stream
from services.command.dispatching import Submission
from shared.identifiers import StreamId, StreamKind, UserId, command_id_of
from tests.simulation.brokers import Stored
from tests.writing import notes
from tests.writing.notes import NoSuchNote, OfBoard, PinNote, ReadBoard, ReadNote, TakeNoteOff

T = TypeVar("T")
NAMES = ("milk", "salt")
TEXTS = ("buy", "bought")


class _OfUser:
    @property
    def stream(self) -> Stream:
        return Stream(StreamKind.USERS, self.board)  # type: ignore[attr-defined]


class PinHers(_OfUser, PinNote):
    """The same on a board whose stream is a user's."""


class TakeHersOff(_OfUser, TakeNoteOff):
    """Likewise."""


class ReadHers(_OfUser, ReadNote):
    """Likewise."""


class ReadAllHers(_OfUser, ReadBoard):
    """Likewise."""


COMMANDS = {
    StreamKind.CONVERSATIONS: (PinNote, TakeNoteOff, ReadNote, ReadBoard),
    StreamKind.USERS: (PinHers, TakeHersOff, ReadHers, ReadAllHers),
}
DECIDERS: tuple[Decider, ...] = (
    notes.DECIDER,
    replace(
        notes.DECIDER,
        kind=StreamKind.USERS,
        rules=tuple(
            Rule(command, rule.decide, rule.needs)
            for command, rule in zip(COMMANDS[StreamKind.USERS], notes.DECIDER.rules, strict=True)
        ),
    ),
)

BOARDS = 2
ROUTE = "notes"


def board_id(kind: StreamKind, number: int) -> StreamId:
    """The id of a board."""
    return StreamId(f"00000000-0000-4000-8000-{list(StreamKind).index(kind):04}{number:08}")


def some_command(chance: Random, kinds: Sequence[StreamKind]) -> OfBoard:
    """Something that somebody may ask."""
    kind = chance.choice(kinds)
    pin, take_off, read, read_all = COMMANDS[kind]
    board, name = board_id(kind, chance.randrange(BOARDS)), chance.choice(NAMES)
    drawn = chance.random()
    if drawn < 0.45:
        return pin(board, name, chance.choice(TEXTS), copies=chance.choice((1, 1, 1, 2, 3)))
    if drawn < 0.75:
        return take_off(board, name)
    return read(board, name) if drawn < 0.9 else read_all(board)


def some_change(chance: Random, kind: StreamKind) -> OfBoard:
    """Something that changes a board."""
    pin, *_ = COMMANDS[kind]
    return pin(board_id(kind, chance.randrange(BOARDS)), chance.choice(NAMES), f"changed {chance.random()}")


def questions_to(kind: StreamKind) -> list[OfBoard]:
    """What can be asked about the boards of a kind as a whole."""
    *_, read_all = COMMANDS[kind]
    return [read_all(board_id(kind, number)) for number in range(BOARDS)]


def submission(command: Command, by: UserId, key: str, attempt: int) -> Submission:
    """A command as the edge hands it over; its cause names the attempt, so that the log tells which try it is from."""
    command_id = command_id_of(command.stream.id, by, ROUTE, key)
    return Submission(command, command_id, by, fingerprint_of(repr(command)), cause=f"attempt-{attempt}")


@dataclass(frozen=True)
class Kept:
    """What the log says of a command: where its last record is, what it was answered, and who put it there."""

    offset: int
    result: Mapping[str, Any]
    fingerprint: str
    causes: frozenset[str]


class PlainStream(Protocol):
    """A stream as of some offset, as it is read once more."""

    @property
    def version(self) -> int:
        """How many events it has."""

    @property
    def commands(self) -> Mapping[str, Kept]:
        """The commands that led to them, by id."""

    def answer(self, submission: Submission) -> tuple[str, Any]:
        """What is answered to whom meets this: `event`, `refusal` with it, or `unchanged` and its result."""

    def after(self, offset: int, value: bytes, envelope: dict[str, Any]) -> tuple["PlainStream", list[str]]:
        """The stream after one more record, and what is wrong with that."""


@dataclass(frozen=True)
class PlainBoard:
    """A board as of some offset. `notes`, `times` and `commands` are never changed, only replaced."""

    version: int = 0
    pinned: int = 0
    taken_off: int = 0
    notes: dict[str, str] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    commands: dict[str, Kept] = field(default_factory=dict)

    def answer(self, submission: Submission) -> tuple[str, Any]:
        """What is answered to whom meets this board: `event`, `refusal` with it, or `unchanged` and its result."""
        match submission.command:
            case PinNote(name=name, text=text):
                return ("unchanged", {"name": name}) if self.notes.get(name) == text else ("event", None)
            case TakeNoteOff(name=name):
                return ("event", None) if name in self.notes else ("refusal", NoSuchNote())
            case ReadNote(name=name):
                return ("unchanged", {"text": self.notes[name]}) if name in self.notes else ("refusal", NoSuchNote())
            case _:
                return "unchanged", {**self.notes, "pinned": self.pinned}

    def after(self, offset: int, _: bytes, envelope: dict[str, Any]) -> "tuple[PlainBoard, list[str]]":
        """The board after one more record, and what is wrong with that."""
        return _board_after(self, offset, envelope)


EMPTY = PlainBoard()


@dataclass(frozen=True)
class Moment:
    """What counts in the log up to some offset."""

    boards: dict[str, PlainStream] = field(default_factory=dict)
    claim: tuple[int, int] = (-1, -1)
    wrong: tuple[str, ...] = ()
    void: int = 0

    def board(self, stream_id: str) -> PlainStream:
        return self.boards.get(stream_id, EMPTY)


class PlainReading:
    """Reads a partition's log once more, with nothing of the code that is simulated: `at(n)` is after n records."""

    def __init__(self, records: Sequence[Stored], begun: Mapping[str, PlainStream] | None = None) -> None:
        """`begun`: streams that are no boards, as they are without events."""
        self._records = records
        self._moments = [Moment(dict(begun or {}))]

    def at(self, offset: int) -> Moment:
        """What counts before an offset."""
        while len(self._moments) <= offset:
            number = len(self._moments) - 1
            self._moments.append(_after(self._moments[-1], number, self._records[number].value))
        return self._moments[offset]

    def go_back(self, length: int) -> None:
        """The log has lost all from this offset on."""
        del self._moments[length + 1 :]

    def claims(self) -> set[tuple[int, int]]:
        """Every claim in the log, as offset and epoch."""
        return {moment.claim for _, moment in self.between(0, self.end)}

    def between(self, first: int, last: int) -> Iterable[tuple[int, Moment]]:
        """The moments from one offset to another, both included."""
        return ((offset, self.at(offset)) for offset in range(first, last + 1))

    @property
    def end(self) -> int:
        """The offset of the next record."""
        return len(self._records)


def _after(before: Moment, offset: int, value: bytes) -> Moment:
    envelope: dict[str, Any] = json.loads(value)
    if envelope["type"] == "verbatim.partition.claimed.v1":
        return replace(before, claim=(offset, envelope["data"]["epoch"]))
    if envelope["claim"] != f"{before.claim[0]}-{before.claim[1]}":
        return replace(before, void=before.void + 1)
    stream_id = envelope["subject"]
    board, wrong = before.board(stream_id).after(offset, value, envelope)
    return replace(before, boards={**before.boards, stream_id: board}, wrong=(*before.wrong, *wrong))


def _board_after(board: PlainBoard, offset: int, envelope: dict[str, Any]) -> tuple[PlainBoard, list[str]]:
    command_id, _, index = envelope["id"].rpartition(".")
    version, wrong = int(envelope["sequence"]), []
    if version != board.version + 1:
        wrong.append(f"L3: version {version} at offset {offset}, where {board.version + 1} was due")
    known = board.commands.get(command_id)
    if known is not None and (index == "0" or known.offset != offset - 1):
        wrong.append(f"L1: the command {command_id} is in the log twice, at {known.offset} and {offset}")
    causes = (known.causes if known else frozenset()) | {envelope["cause"]}
    kept = Kept(offset, {"version": version}, envelope["fingerprint"], causes)
    changed = replace(board, version=version, commands={**board.commands, command_id: kept})
    if "title" in envelope["data"]:
        name, _, text = envelope["data"]["title"].partition("=")
        if index == "0" and board.notes.get(name) == text:
            wrong.append(f"rules: {name} was pinned at offset {offset} as it was already")
        times = {**board.times, name: board.times.get(name, 0) + 1}
        return replace(changed, pinned=board.pinned + 1, notes={**board.notes, name: text}, times=times), wrong
    name = envelope["data"]["avatar_url"]
    if name not in board.notes:
        wrong.append(f"rules: {name} was taken off at offset {offset}, where it was not")
    notes, times = _without(name, board.notes), _without(name, board.times)
    return replace(changed, taken_off=board.taken_off + 1, notes=notes, times=times), wrong


def _without(name: str, known: dict[str, T]) -> dict[str, T]:
    return {each: value for each, value in known.items() if each != name}
