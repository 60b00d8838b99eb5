"""Gitter's archives: tab-separated files with quotes as in CSV, a message a row, the newest first."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from services.operator.importing.archives import TITLE_LIMIT, Archive, Message, Person, Place, Room, Unreadable

SOURCE = "gitter"
COLUMNS = 7
NOT_UTF8 = "surrogateescape"  # bytes that are no UTF-8 become halves of surrogate pairs, which the service refuses

csv.field_size_limit(1 << 30)


class NoArchiveError(ValueError):
    """There is nothing to import at the path; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read: a message, with the names that the room and the sender had."""

    message: Message
    room_uri: str
    sender_name: str


def files_at(path: Path) -> tuple[Path, ...]:
    """The .tsv files that a path stands for: itself, a folder's, or those of its folder `archives`.

    Raises NoArchiveError when there are none.
    """
    if path.is_file():
        return (path,)
    for folder in (path / "archives", path):
        found = tuple(sorted(folder.glob("*.tsv")))
        if found:
            return found
    raise NoArchiveError(f"{path} is no .tsv file, and neither it nor {path / 'archives'} has one")


def rows_of(file: Path) -> Iterator[Row | Unreadable]:
    """The rows of a file as they stand there. Text comes as it is: with its line ends, tabs and control characters."""
    with file.open(encoding="utf-8", errors=NOT_UTF8, newline="") as lines:
        for number, fields in enumerate(csv.reader(lines, delimiter="\t"), start=1):
            if fields:
                yield _row(Place(file.name, number), fields)


def _row(place: Place, fields: list[str]) -> Row | Unreadable:
    if len(fields) != COLUMNS:
        return Unreadable(place, f"it has {len(fields)} fields, not {COLUMNS}")
    room_id, room_uri, sent_at, sender_id, sender_name, message_id, text = fields
    if not (room_id and sender_id and message_id):
        return Unreadable(place, "the room, the sender or the message has no id")
    try:
        time = datetime.fromisoformat(sent_at)
    except ValueError:
        return Unreadable(place, "its time is not in ISO 8601")
    if time.tzinfo is None:
        return Unreadable(place, "its time has no zone")
    return Row(Message(message_id, room_id, sender_id, time, text, place), room_uri, sender_name)


def in_order(newest_first: Iterable[Row]) -> list[Row]:
    """Rows by the time they were sent, and those of one moment in the source's order, which the files hold reversed.

    A row that says the same of the same message as an earlier one is left out; one that says something else is not.
    """
    ordered = list(newest_first)[::-1]
    ordered.sort(key=_sent_at)
    seen: dict[tuple[str, str, str, datetime], None] = {}
    return [row for row in ordered if _is_new(row, seen)]


def _sent_at(row: Row) -> datetime:
    return row.message.sent_at


def _is_new(row: Row, seen: dict[tuple[str, str, str, datetime], None]) -> bool:
    said = (row.message.id, row.message.sender_id, row.message.text, row.message.sent_at)
    if said in seen:
        return False
    seen[said] = None
    return True


@dataclass(slots=True)
class _Survey:
    """What is gathered while the files are looked through: everybody's newest name, and which file has which room."""

    names: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    unreadable: list[Unreadable] = field(default_factory=list)
    rows: int = 0

    def look_through(self, file: Path) -> None:
        for row in rows_of(file):
            if isinstance(row, Unreadable):
                self.unreadable.append(row)
            else:
                self._note(row, file)

    def _note(self, row: Row, file: Path) -> None:
        self.rows += 1
        message = row.message
        before = self.names.get(message.sender_id)
        if before is None or message.sent_at > before[0]:
            self.names[message.sender_id] = (message.sent_at, row.sender_name)
        if file not in self.files[message.room_id]:
            self.files[message.room_id].append(file)


def read_archive(path: Path) -> Archive:
    """Looks through an archive: who is named in it, which rooms it has, and how to read each.

    Raises NoArchiveError when there is none at the path.
    """
    survey = _Survey()
    for file in files_at(path):
        survey.look_through(file)
    rooms = tuple(_room(room_id, files) for room_id, files in survey.files.items())
    return Archive(
        source=SOURCE,
        people=tuple(Person(id_, name) for id_, (_, name) in sorted(survey.names.items())),
        rooms=rooms,
        unreadable=tuple(survey.unreadable),
        repeated_rows=survey.rows - sum(room.messages for room in rooms),
        messages_of=partial(_messages, survey.files),
    )


def _room(room_id: str, files: list[Path]) -> Room:
    rows = _rows_in(room_id, files)
    first, last = rows[0], rows[-1]
    title = last.room_uri[:TITLE_LIMIT]
    return Room(room_id, title if title.strip() else room_id, first.message.sender_id, first.message.sent_at, len(rows))


def _rows_in(room_id: str, files: list[Path]) -> list[Row]:
    found = (row for file in files for row in rows_of(file) if isinstance(row, Row))
    return in_order(row for row in found if row.message.room_id == room_id)


def _messages(files: dict[str, list[Path]], room: Room) -> Iterator[Message]:
    return (row.message for row in _rows_in(room.id, files[room.id]))
