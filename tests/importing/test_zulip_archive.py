"""Reading Zulip's archives: what was said in which topic, by whom, and what else there is."""

import json
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.operator.importing.archives import Archive, Message, NoArchiveError, Place, Reaction
from services.operator.importing.zulip import read_archive

SAMPLE = Path(__file__).parents[1] / "samples" / "zulip"
INDEX = {"streams": {"harbour": {"id": 101, "latest_id": 1, "topic_data": {}}}, "time": 1400000000.5}
ENTRY = {"id": 1, "timestamp": 1400000010, "sender_full_name": "Ann", "content": "<p>Hello.</p>"}
QUOTING = (
    '<p>Ann <a href="/#narrow/stream/101-harbour/topic/lamps/near/1">said</a>:</p>\n<blockquote>Hello.</blockquote>'
)


def archive_of(
    folder: Path, *entries: Any, index: Any = INDEX, stream: str = "101-harbour", file: str = "lamps.json"
) -> Path:
    (folder / stream).mkdir(exist_ok=True)
    (folder / stream / file).write_text(json.dumps(entries))
    (folder / "stream_index.json").write_text(json.dumps(index))
    return folder


def said(archive: Archive) -> list[Message]:
    return [message for room in archive.rooms for message in archive.messages_of(room)]


def read(folder: Path, *entries: Any) -> list[Message]:
    return said(read_archive(archive_of(folder, *entries)))


def test_the_sample_has_a_room_for_each_topic_started_by_who_spoke_first() -> None:
    archive = read_archive(SAMPLE)

    assert [(room.id, room.title, room.started_by, room.messages) for room in archive.rooms] == [
        ("101>tide tables?", "harbour > ✔ Tide tables?", "Tide & Time", 4),
        ("101>lamps", "harbour > lamps", "Lamp Keeper", 7),
        ("102>(no topic)", "pier & boats > (no topic)", "Gúll", 3),
        ("103>v1.0", "old > v1.0", "12", 1),
    ]
    assert archive.rooms[1].started_at == datetime(2014, 5, 13, 16, 53, 30, tzinfo=UTC)
    assert archive.repeated_rows == 1


def test_people_are_known_by_their_names_where_the_archive_has_no_ids_of_theirs() -> None:
    assert {person.id: person.name for person in read_archive(SAMPLE).people} == {
        "12": "Tide",
        "13": "Gull",
        "Gúll": "Gúll",
        "Lamp Keeper": "Lamp Keeper",
        "Notification Bot": "Notification Bot",
        "Tide & Time": "Tide & Time",
    }


def test_what_is_not_sent_is_counted_with_its_place() -> None:
    archive = read_archive(SAMPLE)

    assert Counter((each.kind, each.code) for each in archive.left_out) == {
        ("reply", "farther-parent"): 1,
        ("file", "files"): 1,
        ("preview", "previews"): 1,
    }
    assert archive.left_out[0].place == Place("101-harbour/lamps.json", 4)


def test_messages_come_by_their_time_and_those_of_one_second_by_their_ids(tmp_path: Path) -> None:
    later = ENTRY | {"id": 3, "timestamp": 1400000011}
    found = read(tmp_path, later, ENTRY | {"id": 10}, ENTRY | {"id": 9})

    assert [message.id for message in found] == ["9@101>lamps", "10@101>lamps", "3@101>lamps"]


def test_a_topic_that_was_resolved_or_differs_in_case_is_the_same_one(tmp_path: Path) -> None:
    archive_of(tmp_path, ENTRY)
    archive_of(tmp_path, ENTRY | {"id": 2, "timestamp": 1400000020}, file="Lamps.json")
    archive_of(tmp_path, ENTRY | {"id": 3, "timestamp": 1400000030}, file=".E2.9C.94.20Lamps.json")

    (room,) = read_archive(tmp_path).rooms

    assert (room.id, room.title, room.messages) == ("101>lamps", "harbour > ✔ Lamps", 3)


def test_topics_of_one_name_in_two_streams_are_two(tmp_path: Path) -> None:
    archive_of(tmp_path, ENTRY)
    archive_of(tmp_path, ENTRY | {"id": 2}, stream="102-pier")

    assert [(room.id, room.title) for room in read_archive(tmp_path).rooms] == [
        ("101>lamps", "harbour > lamps"),
        ("102>lamps", "102-pier > lamps"),  # not in the index: called as its folder
    ]


@pytest.mark.parametrize(
    ("file", "topic"),
    [
        ("v1.2E0.20.26.20after.json", "v1.0 & after"),
        (".E2.9C.93.2Fa.json", "✓/a"),
        ("100.25.json", "100%"),
        (".28no.20topic.29.json", "(no topic)"),
    ],
)
def test_a_topic_has_the_name_that_its_file_stands_for(tmp_path: Path, file: str, topic: str) -> None:
    (room,) = read_archive(archive_of(tmp_path, ENTRY, file=file)).rooms

    assert (room.id, room.title) == (f"101>{topic}", f"harbour > {topic}")


def test_a_message_that_quotes_others_answers_the_nearest() -> None:
    answers = {message.id: message.reply_to_id for message in said(read_archive(SAMPLE)) if message.reply_to_id}

    assert answers == {
        "5005@101>lamps": "5001@101>lamps",
        "5006@101>lamps": "5005@101>lamps",
        "5007@101>lamps": "4000@101>lamps",  # which is not there
    }


def test_a_link_without_a_quote_answers_nothing(tmp_path: Path) -> None:
    linking = QUOTING.partition("<blockquote>")[0]

    found = read(tmp_path, ENTRY, ENTRY | {"id": 2, "content": linking}, ENTRY | {"id": 3, "content": QUOTING})

    assert [message.reply_to_id for message in found] == [None, None, "1@101>lamps"]


def test_where_an_archive_keeps_more_it_says_who_spoke_and_when_a_text_was_changed() -> None:
    (message,) = (each for each in said(read_archive(SAMPLE)) if each.sender_id == "12")

    assert message.edited_at == datetime(2014, 5, 13, 14, 40, tzinfo=UTC)
    assert message.text == "the last of its texts"


LIKE = {
    "emoji_name": "+1",
    "emoji_code": "1f44d",
    "reaction_type": "unicode_emoji",
    "user": {"id": 13, "full_name": "Ben"},
}


def test_where_an_archive_keeps_reactions_they_are_taken() -> None:
    (message,) = (each for each in said(read_archive(SAMPLE)) if each.sender_id == "12")

    assert message.reactions == (Reaction("13", "Gull", "like"),)


@pytest.mark.parametrize(
    ("sender_id", "reacted"), [(None, Reaction("Ben", "Ben", "like")), (1, Reaction("13", "Ben", "like"))]
)
def test_whoever_reacts_is_known_as_those_who_speak_are(
    tmp_path: Path, sender_id: int | None, reacted: Reaction
) -> None:
    (message,) = read(tmp_path, ENTRY | {"sender_id": sender_id, "reactions": [LIKE]})

    assert message.reactions == (reacted,)


def test_whoever_reacts_may_be_named_by_their_number_alone(tmp_path: Path) -> None:
    numbered = {name: value for name, value in LIKE.items() if name != "user"} | {"user_id": 13}

    (message,) = read(tmp_path, ENTRY | {"sender_id": 1, "reactions": [numbered]})

    assert message.reactions == (Reaction("13", "13", "like"),)


@pytest.mark.parametrize(
    ("reaction", "code"),
    [
        (LIKE | {"emoji_code": "1f389", "emoji_name": "tada"}, "no-such-reaction"),
        (LIKE | {"reaction_type": "realm_emoji"}, "no-such-reaction"),
        (LIKE | {"user": {"id": 13}}, "nobodys-reaction"),
        ({"emoji_name": "+1", "emoji_code": "1f44d"}, "nobodys-reaction"),
        (5, "nobodys-reaction"),
    ],
)
def test_a_reaction_that_is_not_taken_is_listed_and_the_message_is_taken(
    tmp_path: Path, reaction: Any, code: str
) -> None:
    archive = read_archive(archive_of(tmp_path, ENTRY | {"reactions": [reaction]}))

    (left_out,) = archive.left_out
    assert (left_out.place, left_out.code) == (Place("101-harbour/lamps.json", 1), code)
    assert [message.reactions for message in said(archive)] == [()]


def test_what_comes_from_another_organisation_is_of_another_source() -> None:
    assert read_archive(SAMPLE).source == "zulip"
    assert read_archive(SAMPLE, "lighthouse").source == "zulip-lighthouse"


def test_a_repository_with_an_archive_in_it_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "zulip_json").mkdir()
    archive_of(tmp_path / "zulip_json", ENTRY)

    assert read_archive(tmp_path).messages == 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (ENTRY | {"timestamp": "yesterday"}, "Expected `int`, got `str` - at `$.timestamp`"),
        (ENTRY | {"timestamp": 10**12}, "Expected `int` <= 253402300799 - at `$.timestamp`"),
        (ENTRY | {"id": -1}, "Expected `int` >= 0 - at `$.id`"),
        (ENTRY | {"sender_full_name": ""}, "Expected `str` of length >= 1 - at `$.sender_full_name`"),
        ({"id": 1}, "Object missing required field `timestamp`"),
        ("text", "Expected `object`, got `str`"),
    ],
)
def test_a_damaged_message_is_listed_with_its_place_and_the_rest_goes_on(
    tmp_path: Path, entry: Any, reason: str
) -> None:
    archive = read_archive(archive_of(tmp_path, ENTRY, entry))

    (damaged,) = archive.left_out
    assert (damaged.place, damaged.code) == (Place("101-harbour/lamps.json", 2), "unreadable-row")
    assert damaged.reason == f"it is no message as Zulip has them: {reason}"
    assert archive.messages == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is no JSON"),
        (b"[{", "the file is no JSON"),
        (b"\xff", "the file is no JSON"),
        (b"[" * 10**5, "the file is no JSON"),
        (b'{"id": 1}', "the file is no array"),
    ],
)
def test_a_damaged_file_is_listed_and_the_others_are_read(tmp_path: Path, content: bytes, reason: str) -> None:
    archive_of(tmp_path, ENTRY)
    (tmp_path / "101-harbour" / "piers.json").write_bytes(content)

    archive = read_archive(tmp_path)

    (damaged,) = archive.left_out
    assert (damaged.place, damaged.reason) == (Place("101-harbour/piers.json", 1), reason)
    assert archive.messages == 1


@pytest.mark.parametrize(
    "index", [[], {"streams": []}, {"streams": {"harbour": {}}}, {"streams": {"harbour": {"id": "x"}}}]
)
def test_where_its_index_cannot_be_read_it_says_so(tmp_path: Path, index: Any) -> None:
    with pytest.raises(NoArchiveError, match=r"stream_index\.json does not list streams"):
        read_archive(archive_of(tmp_path, ENTRY, index=index))


def test_a_topic_that_the_index_lists_and_that_is_not_there_is_listed(tmp_path: Path) -> None:
    archive = shutil.copytree(SAMPLE, tmp_path / "zulip")
    (archive / "101-harbour" / "Tide.20tables.3F.json").unlink()

    (missing,) = (each for each in read_archive(archive).left_out if each.kind == "topic")

    assert (missing.place, missing.code) == (Place("stream_index.json", 1), "no-file")
    assert missing.reason == "the index lists harbour > Tide tables?, which has no file"


def test_where_there_is_no_archive_it_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NoArchiveError, match=r"is no archive of Zulip: stream_index\.json"):
        read_archive(tmp_path)


def test_a_second_and_plain_reading_finds_the_same() -> None:
    index = json.loads((SAMPLE / "stream_index.json").read_text())
    expected = Counter(
        (name, entry["id"], entry.get("sender_id", entry["sender_full_name"]), entry["timestamp"])
        for name, stream in index["streams"].items()
        for file in SAMPLE.glob(f"{stream['id']}-*/*.json")
        for entry in json.loads(file.read_text())
    )
    archive = read_archive(SAMPLE)

    found = {
        (room.title.partition(" > ")[0], message.id.partition("@")[0], message.sender_id, message.sent_at.timestamp())
        for room in archive.rooms
        for message in archive.messages_of(room)
    }
    assert found == {(name, str(id_), str(sender), time) for name, id_, sender, time in expected}
    assert len(found) + archive.repeated_rows == expected.total()
    assert sum(topic["size"] for stream in index["streams"].values() for topic in stream["topic_data"].values()) == (
        expected.total()
    )
