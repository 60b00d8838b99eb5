"""A small feature of the tests' own: notes on a board. A small state, rows that come and go, and every answer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from services.command.asking import fingerprint_of
from services.command.deciding import (
    AllRows,
    Command,
    Decider,
    Decision,
    Known,
    Need,
    Refusal,
    RowKey,
    RowKind,
    Rule,
    Stream,
    Unchanged,
)
from services.command.dispatching import Submission
from shared.events.conversations import ConversationAvatarChanged, ConversationRenamed
from shared.events.domain_event import Recorded
from shared.identifiers import StreamId, StreamKind, UserId, command_id_of

ANN = UserId("00000000-0000-4000-8000-00000000000a")
BEN = UserId("00000000-0000-4000-8000-00000000000b")


@dataclass(frozen=True)
class OfBoard:
    """What all commands of a board share."""

    board: StreamId

    @property
    def stream(self) -> Stream:
        return Stream(StreamKind.CONVERSATIONS, self.board)


@dataclass(frozen=True)
class PinNote(OfBoard):
    name: str
    text: str
    copies: int = 1


@dataclass(frozen=True)
class TakeNoteOff(OfBoard):
    name: str


@dataclass(frozen=True)
class ReadNote(OfBoard):
    name: str


@dataclass(frozen=True)
class ReadBoard(OfBoard):
    pass


@dataclass(frozen=True)
class NoSuchNote(Refusal):
    status: ClassVar[int] = 404
    code: ClassVar[str] = "no-such-note"
    title: ClassVar[str] = "There is no such note"


@dataclass(frozen=True)
class Board:
    pinned: int = 0
    taken_off: int = 0


@dataclass(frozen=True)
class Note:
    """`times`: how often it was pinned since it was last taken off. To follow an event twice is to be wrong."""

    text: str
    written_at: datetime
    times: int = 1


def _evolve(board: Board, recorded: Recorded) -> Board:
    if isinstance(recorded.event, ConversationRenamed):
        return replace(board, pinned=board.pinned + 1)
    return replace(board, taken_off=board.taken_off + 1)


def _touched(recorded: Recorded) -> list[str]:
    event = recorded.event
    if isinstance(event, ConversationRenamed):
        return [(event.title or "").partition("=")[0]]
    return [event.avatar_url or ""] if isinstance(event, ConversationAvatarChanged) else []


def _note_after(before: Note | None, _: str, recorded: Recorded) -> Note | None:
    if isinstance(recorded.event, ConversationRenamed):
        times = 1 if before is None else before.times + 1
        return Note((recorded.event.title or "").partition("=")[2], recorded.time, times)
    return None


NOTES = RowKind("note", Note, _touched, _note_after)


def _pin(command: PinNote, known: Known, _: datetime) -> Decision:
    present = known.row(NOTES, command.name)
    if present is not None and present.text == command.text:
        return Unchanged({"name": command.name})
    return [ConversationRenamed(f"{command.name}={command.text}") for _ in range(command.copies)]


def _take_off(command: TakeNoteOff, known: Known, _: datetime) -> Decision:
    if known.row(NOTES, command.name) is None:
        return NoSuchNote()
    return [ConversationAvatarChanged(command.name)]


def _read(command: ReadNote, known: Known, _: datetime) -> Decision:
    note = known.row(NOTES, command.name)
    return NoSuchNote() if note is None else Unchanged({"text": note.text})


def _read_all(_: ReadBoard, known: Known, __: datetime) -> Decision:
    board = known.part(DECIDER)
    return Unchanged({**{name: note.text for name, note in known.rows(NOTES).items()}, "pinned": board.pinned})


def _its_note(command: PinNote | TakeNoteOff | ReadNote, _: Known) -> Iterable[Need]:
    return [RowKey(NOTES, command.name)]


def _all_notes(_: Command, __: Known) -> Iterable[Need]:
    return [AllRows(NOTES)]


def _result(recorded: Recorded) -> dict[str, object]:
    return {"version": recorded.version}


DECIDER = Decider(
    name="board",
    kind=StreamKind.CONVERSATIONS,
    state=Board,
    empty=Board(),
    evolve=_evolve,
    rules=(
        Rule(PinNote, _pin, _its_note),
        Rule(TakeNoteOff, _take_off, _its_note),
        Rule(ReadNote, _read, _its_note),
        Rule(ReadBoard, _read_all, _all_notes),
    ),
    rows=(NOTES,),
    result=_result,
)


def asked(command: OfBoard, key: str, *, by: UserId = ANN, deadline: float | None = None) -> Submission:
    """A command as the edge would hand it over; its content stands for itself."""
    command_id = command_id_of(command.board, by, "notes", key)
    return Submission(command, command_id, by, fingerprint_of(repr(command)), deadline=deadline)
