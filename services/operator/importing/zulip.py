"""Zulip's archives, as zulip-archive makes them: a folder a stream, in each a file a topic with an array of messages.

stream_index.json is beside the folders.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec

from services.operator.importing.archives import Archive, LeftOut, Message, NoArchiveError, Place, Reaction
from services.operator.importing.json_files import items_of, listed_in
from services.operator.importing.reacting import NOBODYS, not_taken_of, taken_of
from services.operator.importing.surveying import Format, Row, survey
from services.operator.importing.zulip_html import Said, said_in
from services.operator.importing.zulip_reactions import reacted_in

INDEX = "stream_index.json"
RESOLVED = "✔ "
"""Zulip puts this in front of a topic's name when somebody marks the topic as resolved."""
LEADING_NUMBER = re.compile(r"[0-9]+")

Id = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]  # since 1970, and until the end of the year 9999


class Stream(msgspec.Struct, frozen=True):
    """A stream, with its topics by their names."""

    id: Id
    topic_data: dict[str, Any] = {}


class Index(msgspec.Struct, frozen=True):
    """What an archive has, by the streams' names."""

    streams: dict[str, Stream]


class Entry(msgspec.Struct, frozen=True):
    """A message. What has a default is only in archives that keep more of a message than its text."""

    id: Id
    timestamp: Seconds
    sender_full_name: Annotated[str, msgspec.Meta(min_length=1)]
    content: str
    sender_id: Id | None = None
    last_edit_timestamp: Seconds | None = None
    reactions: list[Any] = []

    def not_sent(self, said: Said) -> Iterator[tuple[str, str, str]]:
        """What belongs to it and is not sent: its kind, a code and the reason, once for each."""
        for _ in range(len(said.quoted) - 1):
            yield "reply", "farther-parent", "a message answers one other, and a nearer one is there"
        for _ in range(said.files):
            yield "file", "files", "its address is one within Zulip, and leads nowhere from outside"
        for _ in range(said.previews):
            yield "preview", "previews", "Zulip's own preview of something that the text names"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, which is a room."""

    id: str
    title: str

    def message_id(self, number: int) -> str:
        """A message's id here. No person has a `>` in their name, and no room's id begins like this."""
        return f"{number}@{self.id}"


def read_archive(path: Path, organisation: str = "") -> Archive:
    """Looks through the archive in a folder, or in its folder zulip_json.

    `organisation` is a word of one's own for the Zulip that it comes from, where there are several: each has ids of its
    own. Raises NoArchiveError when there is none, or its index cannot be read.
    """
    listed = next((file for file in (path / INDEX, path / "zulip_json" / INDEX) if file.is_file()), None)
    if listed is None:
        raise NoArchiveError(f"{path} is no archive of Zulip: {INDEX}, and a folder of .json files for each stream")
    index = listed_in(listed, Index, "streams as Zulip's archives do")
    names = {str(stream.id): name for name, stream in index.streams.items()}
    files = sorted(listed.parent.glob("*/*.json"))
    source = f"zulip-{organisation}" if organisation else "zulip"
    archive = survey(Format(source, partial(rows_of, names), by_time_and_number), files)
    titles = {topic_in(names, file).title for file in files}
    return replace(archive, left_out=(*archive.left_out, *_without_files(index, titles)))


def _without_files(index: Index, titles: Container[str]) -> Iterator[LeftOut]:
    """The topics that the index lists and that are not there."""
    for name, stream in index.streams.items():
        for topic in stream.topic_data:
            title = _title(name, topic)
            if title not in titles:
                yield LeftOut(Place(INDEX, 1), "topic", "no-file", f"the index lists {title}, which has no file")


def _title(stream: str, topic: str) -> str:
    return f"{stream} > {topic}"


def topic_in(streams: Mapping[str, str], file: Path) -> Topic:
    """The topic whose messages a file has: its name is written as in an address, with dots for the signs of percent.

    A topic that differs in case only, or that was resolved since, is the same one.
    """
    folder, name = file.parent.name, unquote(file.name.removesuffix(".json").replace(".", "%"))
    number = LEADING_NUMBER.match(folder)
    stream_id = number[0] if number else folder
    return Topic(f"{stream_id}>{name.removeprefix(RESOLVED).lower()}", _title(streams.get(stream_id, folder), name))


def rows_of(streams: Mapping[str, str], file: Path) -> Iterator[Row | LeftOut]:
    """What was said in a topic, and what of it is not sent."""
    topic = topic_in(streams, file)
    for each in items_of(file, Entry, "message as Zulip has them"):
        if isinstance(each, LeftOut):
            yield each
        else:
            place, entry = each
            said, found = said_in(entry.content), list(reacted_in(entry.reactions, by_name=entry.sender_id is None))
            reacted = [each for each in found if each is not None]
            yield _row(topic, place, entry, said, taken_of(reacted))
            nobodys = [NOBODYS] * (len(found) - len(reacted))
            for kind, code, reason in (*entry.not_sent(said), *not_taken_of(reacted), *nobodys):
                yield LeftOut(place, kind, code, reason)


def _row(topic: Topic, place: Place, entry: Entry, said: Said, reactions: tuple[Reaction, ...]) -> Row:
    message = Message(
        topic.message_id(entry.id),
        topic.id,
        entry.sender_full_name if entry.sender_id is None else str(entry.sender_id),
        _moment(entry.timestamp),
        said.text,
        place,
        topic.message_id(max(said.quoted)) if said.quoted else None,
        None if entry.last_edit_timestamp is None else _moment(entry.last_edit_timestamp),
        reactions,
    )
    return Row(message, topic.title, entry.sender_full_name)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def by_time_and_number(rows: Iterable[Row]) -> list[Row]:
    """Rows by the second in which they were sent; those of one second by Zulip's numbers, which only grow."""
    return sorted(rows, key=lambda row: (row.message.sent_at, int(row.message.id.partition("@")[0])))
