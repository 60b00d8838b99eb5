"""Gitter's archives: tab-separated files with quotes as in CSV, a message a row, the newest first."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from services.operator.importing.archives import NOT_UTF8, Archive, LeftOut, Message, NoArchiveError, Place, unreadable
from services.operator.importing.surveying import Format, Row, by_time, survey

COLUMNS = 7

csv.field_size_limit(1 << 30)


def read_archive(path: Path) -> Archive:
    """Looks through the archive at a path. Raises NoArchiveError when there is none."""
    return survey(GITTER, files_at(path))


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


def rows_of(file: Path) -> Iterator[Row | LeftOut]:
    """The rows of a file as they stand there. Text comes as it is: with its line ends, tabs and control characters."""
    with file.open(encoding="utf-8", errors=NOT_UTF8, newline="") as lines:
        for number, fields in enumerate(csv.reader(lines, delimiter="\t"), start=1):
            if fields:
                yield _row(Place(file.name, number), fields)


def _row(place: Place, fields: list[str]) -> Row | LeftOut:
    if len(fields) != COLUMNS:
        return unreadable(place, f"it has {len(fields)} fields, not {COLUMNS}")
    room_id, room_uri, sent_at, sender_id, sender_name, message_id, text = fields
    if not (room_id and sender_id and message_id):
        return unreadable(place, "the room, the sender or the message has no id")
    try:
        time = datetime.fromisoformat(sent_at)
    except ValueError:
        return unreadable(place, "its time is not in ISO 8601")
    if time.tzinfo is None:
        return unreadable(place, "its time has no zone")
    return Row(Message(message_id, room_id, sender_id, time, text, place), room_uri, sender_name)


def in_order(newest_first: Iterable[Row]) -> list[Row]:
    """Rows by the time they were sent, and those of one moment in the source's order, which the files hold reversed."""
    return by_time(reversed(list(newest_first)))


GITTER = Format("gitter", rows_of, in_order)
