"""Reading Slack's exports: what was said, by whom and when, and what else there is."""

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.operator.importing.archives import NoArchiveError, Place
from services.operator.importing.slack import read_archive
from tests.importing.slack_exports import ENTRY, EXPORTS, FILE, SAMPLE, entries_in, export_of, said


def test_the_sample_has_its_rooms_started_by_who_created_the_channels() -> None:
    archive = read_archive(SAMPLE)

    assert [(room.id, room.title, room.started_by, room.messages) for room in archive.rooms] == [
        ("CHARBOUR1", "harbour", "UKEEPER01", 14),
        ("CPIER0001", "pier", "UABSENT01", 2),
    ]
    assert archive.rooms[0].started_at == datetime(2014, 5, 13, 16, 53, 20, tzinfo=UTC)
    assert archive.repeated_rows == 1


def test_people_are_called_as_the_list_says_else_as_others_call_them_else_by_their_ids(tmp_path: Path) -> None:
    assert {person.id: person.name for person in read_archive(SAMPLE).people} == {
        "BTIDES001": "tide tables",
        "UABSENT01": "absent",
        "UGULL0001": "gull",
        "UKEEPER01": "Lamp Keeper",
        "UREEF0001": "Reef Walker",
        "UTIDE0001": "tide & time",
    }
    unlisted = read_archive(export_of(tmp_path, ENTRY))
    assert [(person.id, person.name) for person in unlisted.people] == [("UANN", "UANN")]


def test_what_is_not_sent_is_counted_with_its_place() -> None:
    archive = read_archive(SAMPLE)

    assert Counter((each.kind, each.code) for each in archive.left_out) == {
        ("reaction", "no-such-reaction"): 1,
        ("reaction", "not-the-last"): 1,
        ("reaction", "reaction-to-nothing"): 1,
        ("file", "commented-on"): 1,
        ("file", "no-address"): 2,
        ("file", "one-too-many"): 1,
        ("preview", "previews"): 1,
        ("entry", "channel-join"): 2,
        ("entry", "channel-topic"): 1,
        ("entry", "channel-archive"): 1,
    }
    assert archive.left_out[0].place == Place("harbour/2014-05-13.json", 1)


def test_what_goes_with_nothing_that_was_said_is_left_out(tmp_path: Path) -> None:
    extras = {"files": [FILE], "reactions": [{"name": "+1", "users": ["UBEN"]}]}

    archive = read_archive(export_of(tmp_path, ENTRY, ENTRY | {"subtype": "channel_topic"} | extras))

    assert [each.code for each in archive.left_out] == ["channel-topic", "file-of-nothing", "reaction-to-nothing"]


def test_messages_come_by_their_time_to_the_microsecond_wherever_they_stand() -> None:
    archive = read_archive(SAMPLE)

    for room in archive.rooms:
        times = [message.sent_at for message in archive.messages_of(room)]
        assert times == sorted(times)
        assert [f"{time.timestamp():.6f}" for time in times] == [m.id.split("/")[1] for m in archive.messages_of(room)]


def test_the_last_text_of_an_edited_message_comes_with_the_time_it_was_given() -> None:
    edited = {message.id: message.edited_at for message in said(read_archive(SAMPLE)) if message.edited_at}

    assert edited == {
        "CHARBOUR1/1400000010.000005": datetime(2014, 5, 13, 16, 54, 59, tzinfo=UTC),
        "CHARBOUR1/1400050003.000010": datetime(2014, 5, 14, 6, 46, 44, tzinfo=UTC),
    }


def test_an_answer_in_a_thread_answers_the_message_that_began_it() -> None:
    answers = {message.text: message.reply_to_id for message in said(read_archive(SAMPLE)) if message.reply_to_id}

    assert answers == {
        "an answer in a thread": "CHARBOUR1/1400050001.000008",
        "an answer to what is not here": "CHARBOUR1/1300000000.000001",
    }


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (ENTRY | {"ts": "yesterday"}, "its ts is no time"),
        (ENTRY | {"user": None}, "it does not say who said it"),
        (ENTRY | {"text": 5}, "it is no entry as Slack has them: Expected `str | null`, got `int` - at `$.text`"),
        ({"type": "message"}, "it is no entry as Slack has them: Object missing required field `ts`"),
        ("text", "it is no entry as Slack has them: Expected `object`, got `str`"),
    ],
)
def test_a_damaged_entry_is_listed_with_its_place_and_the_rest_goes_on(tmp_path: Path, entry: Any, reason: str) -> None:
    archive = read_archive(export_of(tmp_path, ENTRY, entry))

    (damaged,) = archive.left_out
    assert (damaged.place, damaged.code) == (Place("harbour/2014-05-13.json", 2), "unreadable-row")
    assert damaged.reason == reason
    assert archive.messages == 1


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"ts": "1"}', b"[" * 10**5])
def test_a_damaged_file_is_listed_and_the_others_are_read(tmp_path: Path, content: bytes) -> None:
    export = export_of(tmp_path, ENTRY)
    (export / "harbour" / "2014-05-14.json").write_bytes(content)

    archive = read_archive(export)

    (damaged,) = archive.left_out
    assert (damaged.place.file, damaged.code) == ("harbour/2014-05-14.json", "unreadable-row")
    assert archive.messages == 1


def test_a_folder_that_is_not_listed_is_a_room_of_its_own(tmp_path: Path) -> None:
    archive = read_archive(export_of(tmp_path, ENTRY, channels=[]))

    (room,) = archive.rooms
    assert (room.id, room.started_by) == ("harbour", "UANN")


@pytest.mark.parametrize("lists", [{"channels": {}}, {"channels": [{"name": "harbour"}]}, {"users": [{}]}])
def test_where_its_lists_cannot_be_read_it_says_so(tmp_path: Path, lists: dict[str, Any]) -> None:
    with pytest.raises(NoArchiveError, match=f"{next(iter(lists))}.json"):
        read_archive(export_of(tmp_path, ENTRY, **lists))


@pytest.mark.parametrize("missing", ["channels.json", "harbour"])
def test_where_there_is_no_export_it_says_what_was_looked_for(tmp_path: Path, missing: str) -> None:
    gone = export_of(tmp_path, ENTRY) / missing
    gone.unlink() if gone.is_file() else shutil.rmtree(gone)

    with pytest.raises(NoArchiveError, match="is no export of Slack"):
        read_archive(tmp_path)


@EXPORTS
def test_a_second_and_plain_reading_finds_the_same(export: Path) -> None:
    expected = Counter(
        (
            folder,
            entry["ts"],
            entry.get("user") or entry.get("comment", {}).get("user") or entry.get("bot_id"),
            entry.get("edited", {}).get("ts"),
        )
        for folder, entry in entries_in(export)
    )
    archive = read_archive(export)

    found = [
        (
            room.title,
            message.id.split("/")[1],
            message.sender_id,
            f"{message.edited_at.timestamp():.6f}" if message.edited_at else None,
        )
        for room in archive.rooms
        for message in archive.messages_of(room)
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert len(found) + archive.repeated_rows == expected.total()
