"""Slack's exports: a folder a channel, in each a file a day with an array of entries; channels.json is beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from services.operator.importing.archives import (
    Archive,
    LeftOut,
    Message,
    NoArchiveError,
    Person,
    Place,
    Room,
    unreadable,
)
from services.operator.importing.attaching import content_type_of
from services.operator.importing.slack_entries import Entry, entries_of, time_of
from services.operator.importing.slack_extras import Extras, extras_of, extras_of_nothing
from services.operator.importing.slack_lists import Channel, channels_in, users_in
from services.operator.importing.slack_text import labelled_people, plain
from services.operator.importing.surveying import Format, Row, by_time, survey


def read_archive(path: Path) -> Archive:
    """Looks through the export in a folder. Raises NoArchiveError when there is none, or its lists cannot be read."""
    files = sorted(path.glob("*/*.json"))
    listed = path / "channels.json"
    if not (files and listed.is_file()):
        raise NoArchiveError(
            f"{path} is no export of Slack: channels.json, and a folder of .json files for each channel"
        )
    channels = channels_in(listed)
    names = _called_in(files) | {user.id: user.called for user in users_in(path / "users.json")}
    export = Export(
        names,
        {channel.id: channel.name for channel in channels},
        {channel.name: channel.id for channel in channels},
    )
    return _as_created(survey(Format("slack", export.rows_of, by_time), files), channels, names)


@dataclass(frozen=True, slots=True)
class Export:
    """What must be known of the whole export to read an entry: what people and channels are called, by their ids.

    A folder without a line in channels.json is a room with the folder's name as its id.
    """

    people: Mapping[str, str]
    channels: Mapping[str, str]
    ids_of_folders: Mapping[str, str]

    def rows_of(self, file: Path) -> Iterator[Row | LeftOut]:
        """What was said on a day in a channel, and what of it is not sent."""
        for each in entries_of(file):
            if isinstance(each, LeftOut):
                yield each
            else:
                yield from self._rows(file.parent.name, *each)

    def _rows(self, folder: str, place: Place, entry: Entry) -> Iterator[Row | LeftOut]:
        sent_at, sender_id = time_of(entry.ts), entry.sender_id
        if sent_at is None or sender_id is None or not entry.said:
            yield _not_said(place, entry, sent_at)
            left_out = tuple(extras_of_nothing(entry))
        else:
            extras = extras_of(entry, self.people)
            yield self._row(folder, place, entry, sent_at, sender_id, extras)
            left_out = extras.left_out
        for kind, code, reason in left_out:
            yield LeftOut(place, kind, code, reason)

    def _row(self, folder: str, place: Place, entry: Entry, sent_at: datetime, sender_id: str, extras: Extras) -> Row:
        room_id = self.ids_of_folders.get(folder, folder)
        answers = entry.thread_ts not in (None, entry.ts)
        message = Message(
            f"{room_id}/{entry.ts}",
            room_id,
            sender_id,
            sent_at,
            plain(entry.text or "", self.people, self.channels),
            place,
            f"{room_id}/{entry.thread_ts}" if answers else None,
            time_of(entry.edited.ts) if entry.edited else None,
            extras.reactions,
            content_type_of(extras.attachments),
            extras.attachments,
        )
        return Row(message, folder, self.people.get(sender_id) or entry.username or sender_id)


def _not_said(place: Place, entry: Entry, sent_at: datetime | None) -> LeftOut:
    """Why an entry is no message."""
    if sent_at is None:
        return unreadable(place, "its ts is no time")
    if not entry.said:
        return LeftOut(
            place, "entry", entry.code, "it tells what happened to the channel, and is nothing that was said"
        )
    return unreadable(place, "it does not say who said it")


def _called_in(files: Sequence[Path]) -> dict[str, str]:
    """What people are called in what the entries say."""
    names: dict[str, str] = {}
    for file in files:
        for each in entries_of(file):
            if not isinstance(each, LeftOut):
                names |= labelled_people(each[1].text or "")
    return names


def _as_created(archive: Archive, channels: Sequence[Channel], names: Mapping[str, str]) -> Archive:
    """The same, with rooms started by who created their channels, and with these people."""
    created = {channel.id: channel for channel in channels if channel.creator}
    rooms = tuple(_started(room, created.get(room.id)) for room in archive.rooms)
    creators = {room.started_by for room in rooms} - {person.id for person in archive.people}
    people = (*archive.people, *(Person(id_, names.get(id_, id_)) for id_ in sorted(creators)))
    return replace(archive, rooms=rooms, people=people)


def _started(room: Room, channel: Channel | None) -> Room:
    return replace(room, started_by=channel.creator, started_at=channel.created_at) if channel else room
