"""Logs of an IRC channel: a file a day, named after its date, a line a message, in the order in which they were said.

A file beside it may say which line answers which: see irc_replies.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from services.operator.importing.archives import NOT_UTF8, Archive, LeftOut, Message, NoArchiveError, Place, unreadable
from services.operator.importing.irc_replies import replies_of
from services.operator.importing.surveying import Format, Row, survey

RAW = ".raw.txt"
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MESSAGE = re.compile(r"\[([0-9]{2}):([0-9]{2})\] <([^>]+)> ?(.*)", re.DOTALL)
JOIN = re.compile(r"=== .* has joined (#\S+)")
NOT_TAKEN = (
    (re.compile(r"==="), "system-line", "the server says this, nobody in the channel"),
    (re.compile(r"\[\d\d:\d\d\]  \* "), "action", "it tells of somebody, and is nothing that they said"),
    (re.compile(r"\[\d\d:\d\d\] -\S+- "), "notice", "it is a notice, which no one answers"),
)
NEW_DAY_AFTER = timedelta(hours=12)  # a clock of twelve hours goes back by less, and its day is still the same


def read_archive(path: Path, channel: str | None = None) -> Archive:
    """Looks through the logs at a path: all of one channel, named as its joins say if it is not named here.

    Raises NoArchiveError when there are none, or when nothing says which channel it is.
    """
    files = files_at(path)
    name = (channel or channel_of(files)).lower()
    return survey(Format("irc", partial(rows_of, name), in_order=list), files)


def files_at(path: Path) -> tuple[Path, ...]:
    """The logs that a path stands for, by date: itself, or those anywhere in the folder.

    Raises NoArchiveError when there are none.
    """
    if path.is_file():
        return (path,)
    found = sorted(path.rglob(f"*{RAW}"), key=lambda file: (file.name, file))
    if not found:
        raise NoArchiveError(f"{path} has no file that is called DATE…{RAW}, nor has any folder in it")
    return tuple(found)


def channel_of(files: tuple[Path, ...]) -> str:
    """The channel that people joined most often. Raises NoArchiveError when nobody joined any."""
    joins = (JOIN.match(line) for file in files for line in _lines(file))
    joined = Counter(join[1].lower() for join in joins if join)
    if not joined:
        raise NoArchiveError("nobody joins a channel in these logs, so name it: --channel '#name'")
    return joined.most_common(1)[0][0]


def rows_of(channel: str, file: Path) -> Iterator[Row | LeftOut]:
    """The lines of a log as they stand there, each with what it answers."""
    rows = list(_rows(channel, file))
    said = {number for number, row in enumerate(rows) if isinstance(row, Row)}
    answers, left_out = replies_of(_annotations_of(file), said)
    for number, row in enumerate(rows):
        answered = answers.get(number)
        if isinstance(row, Row) and answered is not None:
            reply_to_id = _id(channel, file, answered)
            yield replace(row, message=replace(row.message, reply_to_id=reply_to_id))
        else:
            yield row
    yield from left_out


def _rows(channel: str, file: Path) -> Iterator[Row | LeftOut]:
    """A row for each line: text comes as it is, and times as the log's clock had them, in UTC."""
    midnight = _midnight_of(file)
    if midnight is None:
        yield unreadable(Place(file.name, 1), "the file's name has no date")
        return
    before = midnight
    for number, line in enumerate(_lines(file)):
        row = _row(channel, file, number, line, midnight)
        if isinstance(row, Row):
            if before - row.message.sent_at > NEW_DAY_AFTER:
                midnight += timedelta(days=1)
                row = replace(row, message=replace(row.message, sent_at=row.message.sent_at + timedelta(days=1)))
            before = row.message.sent_at
        yield row


def _row(channel: str, file: Path, number: int, line: str, midnight: datetime) -> Row | LeftOut:
    place = Place(file.name, number + 1)
    message = MESSAGE.fullmatch(line)
    if message is None:
        return _not_said(place, line)
    hours, minutes, nick, text = message.groups()
    try:
        sent_at = midnight.replace(hour=int(hours), minute=int(minutes))
    except ValueError:
        return unreadable(place, "its time is no time of a day")
    return Row(Message(_id(channel, file, number), channel, nick.lower(), sent_at, text, place), channel, nick)


def _not_said(place: Place, line: str) -> LeftOut:
    for form, code, reason in NOT_TAKEN:
        if form.match(line):
            return LeftOut(place, "line", code, reason)
    return unreadable(place, "it is no line of a log")


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", errors=NOT_UTF8, newline="\n") as lines:
        for line in lines:
            yield line.removesuffix("\n").removesuffix("\r")


def _midnight_of(file: Path) -> datetime | None:
    found = DATE.search(file.name)
    try:
        return datetime.fromisoformat(found[0]).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def _id(channel: str, file: Path, number: int) -> str:
    """A message's id: its channel, its file and its line. No nick has a `/`, so it is no person's id either."""
    return f"{channel}/{file.name.removesuffix(RAW)}/{number}"


def _annotations_of(file: Path) -> Path:
    return file.with_name(f"{file.name.removesuffix(RAW)}.annotation.txt")
