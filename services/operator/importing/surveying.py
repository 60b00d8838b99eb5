"""Looks through an archive once, whatever its format: who is named in it, which rooms it has, and how to read each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from services.command.features.conversations.refusals import GROUP_TITLE_LIMIT
from services.operator.importing.archives import Archive, LeftOut, Message, Person, Room

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A message as it was read, with the names that its room and its sender had."""

    message: Message
    room_title: str
    sender_name: str


@dataclass(frozen=True, slots=True)
class Format:
    """How archives of one kind are read: the rows of a file, and the order of a room's rows, given as they were read.

    `rows_of` tells the files' rows in the files' order; what is not sent comes among them.
    """

    source: str
    rows_of: Callable[[Path], Iterator[Row | LeftOut]]
    in_order: Callable[[Iterable[Row]], list[Row]]


def by_time(rows: Iterable[Row]) -> list[Row]:
    """Rows by the time they were sent; those of one moment in the order they came."""
    return sorted(rows, key=lambda row: row.message.sent_at)


def survey(form: Format, files: Sequence[Path]) -> Archive:
    """Looks through the files of an archive."""
    found = _Found()
    for file in files:
        found.look_through(form, file)
    rooms = tuple(_room(form, room_id, its_files) for room_id, its_files in found.files.items())
    return Archive(
        source=form.source,
        people=tuple(Person(id_, name) for id_, (_, name) in sorted(found.names.items())),
        rooms=rooms,
        left_out=tuple(found.left_out),
        repeated_rows=found.rows - sum(room.messages for room in rooms),
        messages_of=partial(_messages, form, found.files),
    )


@dataclass(slots=True)
class _Found:
    """What is gathered while the files are looked through: everybody's newest name, and which files have which room.

    What a reaction calls somebody counts only where nothing else does: when that was is not known.
    """

    names: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    left_out: list[LeftOut] = field(default_factory=list)
    rows: int = 0

    def look_through(self, form: Format, file: Path) -> None:
        for row in form.rows_of(file):
            if isinstance(row, LeftOut):
                self.left_out.append(row)
            else:
                self._note(row, file)

    def _note(self, row: Row, file: Path) -> None:
        self.rows += 1
        message = row.message
        before = self.names.get(message.sender_id)
        if before is None or message.sent_at > before[0]:
            self.names[message.sender_id] = (message.sent_at, row.sender_name)
        for reaction in message.reactions:
            self.names.setdefault(reaction.sender_id, (NEVER, reaction.sender_name))
        files = self.files[message.room_id]
        if not files or files[-1] != file:
            files.append(file)


def _room(form: Format, room_id: str, files: Sequence[Path]) -> Room:
    rows = _rows_in(form, room_id, files)
    first, last = rows[0], rows[-1]
    title = last.room_title[:GROUP_TITLE_LIMIT]
    return Room(room_id, title if title.strip() else room_id, first.message.sender_id, first.message.sent_at, len(rows))


def _rows_in(form: Format, room_id: str, files: Sequence[Path]) -> list[Row]:
    """A room's rows in order, each once: one that says the same of the same message as an earlier one is left out.

    One that says something else is not: the service refuses it, and so it is listed.
    """
    found = (row for file in files for row in form.rows_of(file) if isinstance(row, Row))
    seen: set[tuple[object, ...]] = set()
    return [row for row in form.in_order(row for row in found if row.message.room_id == room_id) if _is_new(row, seen)]


def _is_new(row: Row, seen: set[tuple[object, ...]]) -> bool:
    message = row.message
    extras = (message.attachments, message.reactions)
    said = (message.id, message.sender_id, message.text, message.sent_at, extras)
    if said in seen:
        return False
    seen.add(said)
    return True


def _messages(form: Format, files: dict[str, list[Path]], room: Room) -> Iterator[Message]:
    return (row.message for row in _rows_in(form, room.id, files[room.id]))
