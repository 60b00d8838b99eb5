"""Reading the logs of an IRC channel, odd as they are."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.operator.importing.archives import Archive, Message, NoArchiveError, Place
from services.operator.importing.irc import read_archive

SAMPLE = Path(__file__).parents[1] / "samples" / "irc"
REAL_DATA = os.environ.get("VERBATIM_DATA")
FORM = re.compile(r"\[(\d\d:\d\d)\] <(.+?)> ?(.*)", re.DOTALL)


def log_of(folder: Path, *lines: str, annotations: str = "", name: str = "2014-03-01") -> Path:
    (folder / f"{name}.raw.txt").write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    (folder / f"{name}.annotation.txt").write_text(annotations)
    return folder


def said(archive: Archive) -> list[Message]:
    return [message for room in archive.rooms for message in archive.messages_of(room)]


def read(folder: Path, *lines: str, annotations: str = "", name: str = "2014-03-01") -> list[Message]:
    return said(read_archive(log_of(folder, *lines, annotations=annotations, name=name), "#harbour"))


def test_the_sample_is_one_room_in_which_nicks_that_differ_in_case_are_one_person() -> None:
    archive = read_archive(SAMPLE)

    (room,) = archive.rooms
    assert (room.id, room.title, room.messages) == ("#harbour", "#harbour", 19)
    assert (room.started_by, room.started_at) == ("lamp_keeper", datetime(2014, 3, 1, 22, 58, tzinfo=UTC))
    assert {person.id: person.name for person in archive.people} == {
        "lamp_keeper": "lamp_keeper",
        "tide^watcher": "tide^watcher",
        "gull": "gull",
        "gull_away": "gull_away",
        "tostring": "toString",
    }


def test_what_nobody_said_is_left_out_and_counted_with_its_place() -> None:
    archive = read_archive(SAMPLE)

    assert Counter(each.code for each in archive.left_out) == {
        "system-line": 4,
        "action": 1,
        "notice": 1,
        "end-is-no-message": 2,
        "farther-parent": 2,
    }
    (action,) = (each for each in archive.left_out if each.code == "action")
    assert action.place == Place("2014-03-01.night.raw.txt", 5)


def test_messages_come_in_the_order_of_the_lines_even_where_the_clock_goes_back() -> None:
    rows = [message.place for message in said(read_archive(SAMPLE))]

    assert rows == sorted(rows, key=lambda place: (place.file, place.row))


def test_a_log_that_runs_past_midnight_goes_on_on_the_next_day(tmp_path: Path) -> None:
    found = read(tmp_path, "[23:59] <ann> late", "[00:00] <ann> early", "[23:58] <ann> late", "[00:01] <ann> early")

    assert [message.sent_at.isoformat()[:16] for message in found] == [
        "2014-03-01T23:59",
        "2014-03-02T00:00",
        "2014-03-02T23:58",
        "2014-03-03T00:01",
    ]


def test_a_clock_of_twelve_hours_begins_no_new_day_and_its_times_stay_as_written(tmp_path: Path) -> None:
    found = read(tmp_path, "[12:59] <ann> almost one", "[01:00] <ann> one")

    assert [message.sent_at.isoformat()[:16] for message in found] == ["2014-03-01T12:59", "2014-03-01T01:00"]


def test_text_comes_as_it_stands(tmp_path: Path) -> None:
    text = "  <two> spaces, \x01 \x1c \x7f \u2028 ünï 🌊 [10:00] <bob> and one behind "

    assert [message.text for message in read(tmp_path, f"[10:00] <ann> {text}", "[10:01] <ann>")] == [text, ""]


def test_line_ends_of_another_system_are_no_text(tmp_path: Path) -> None:
    (message,) = read(tmp_path, "[10:00] <ann> hello\r")

    assert message.text == "hello"


def test_bytes_that_are_no_utf8_are_kept_for_the_service_to_refuse(tmp_path: Path) -> None:
    (message,) = read(tmp_path, "[10:00] <ann> \udcff")

    assert message.text == "\udcff"


def test_of_several_that_a_message_answers_the_nearest_is_taken(tmp_path: Path) -> None:
    lines = [f"[10:00] <ann> line {number}" for number in range(4)]

    found = read(tmp_path, *lines, annotations="0 3 -\n3 1 -\n2 2 -\n")

    assert [message.reply_to_id for message in found] == [None, None, None, found[1].id]


def test_where_the_nearest_is_no_message_the_nearest_message_is_taken(tmp_path: Path) -> None:
    found = read(tmp_path, "[10:00] <ann> hello", "=== bob has quit", "[10:01] <ann> yes", annotations="0 2 -\n1 2 -\n")

    assert [message.reply_to_id for message in found] == [None, found[0].id]


def test_without_annotations_nothing_answers_anything(tmp_path: Path) -> None:
    log = log_of(tmp_path, "[10:00] <ann> hello")
    (log / "2014-03-01.annotation.txt").unlink()

    assert [message.reply_to_id for message in said(read_archive(log, "#harbour"))] == [None]


@pytest.mark.parametrize("line", ["", "[10:00] hello", "<ann> hello", "[25:00] <ann> hello", "[10:60] <ann> hello"])
def test_a_damaged_line_is_listed_with_its_place_and_the_rest_goes_on(tmp_path: Path, line: str) -> None:
    log = log_of(tmp_path, "[10:00] <ann> one", line, "[10:01] <ann> three", annotations="0 1 -\n0 2 -\n")

    archive = read_archive(log, "#harbour")

    damaged, edge = archive.left_out
    assert (damaged.code, damaged.place) == ("unreadable-row", Place("2014-03-01.raw.txt", 2))
    assert (edge.code, edge.place) == ("end-is-no-message", Place("2014-03-01.annotation.txt", 1))
    one, three = said(archive)
    assert three.reply_to_id == one.id


@pytest.mark.parametrize("line", ["0 1", "a b -", "0 1 - 2", "-1 1 -", "٣ 1 -"])
def test_a_damaged_annotation_is_listed_with_its_place_and_the_rest_goes_on(tmp_path: Path, line: str) -> None:
    log = log_of(tmp_path, "[10:00] <ann> one", "[10:01] <ann> two", annotations=f"{line}\n0 1 -\n")

    archive = read_archive(log, "#harbour")

    (damaged,) = archive.left_out
    assert (damaged.code, damaged.place) == ("unreadable-row", Place("2014-03-01.annotation.txt", 1))
    one, two = said(archive)
    assert two.reply_to_id == one.id


def test_a_file_without_a_date_in_its_name_is_listed_and_the_others_are_read(tmp_path: Path) -> None:
    log_of(tmp_path, "[10:00] <ann> one", name="someday")
    log_of(tmp_path, "[10:00] <ann> two", name="2014-13-41")

    archive = read_archive(log_of(tmp_path, "[10:00] <ann> three"), "#harbour")

    assert [each.place.file for each in archive.left_out] == ["2014-13-41.raw.txt", "someday.raw.txt"]
    assert archive.messages == 1


def test_the_channel_is_the_one_that_people_join(tmp_path: Path) -> None:
    joins = ["=== ann has joined #Pier", "=== bob has joined #pier", "=== cy has joined #harbour"]

    archive = read_archive(log_of(tmp_path, *joins, "[10:00] <ann> hello"))

    assert [room.id for room in archive.rooms] == ["#pier"]


def test_where_nobody_joins_it_asks_for_the_channels_name(tmp_path: Path) -> None:
    with pytest.raises(NoArchiveError, match="--channel"):
        read_archive(log_of(tmp_path, "[10:00] <ann> hello"))


def test_where_there_are_no_logs_it_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NoArchiveError, match=r"\.raw\.txt"):
        read_archive(tmp_path)


def test_one_file_has_the_same_ids_as_in_the_whole_archive() -> None:
    whole = {message.id for message in said(read_archive(SAMPLE))}
    one = {message.id for message in said(read_archive(SAMPLE / "2014" / "2014-03-01.night.raw.txt"))}

    assert one < whole


def naive(file: Path) -> Iterator[tuple[str, str, str, int | None]]:
    """What a second, plain reading of a log finds: the time of day, the nick, the text and the row it answers."""
    lines = file.read_text(encoding="utf-8").split("\n")
    rows = {number: FORM.fullmatch(line) for number, line in enumerate(lines) if FORM.fullmatch(line)}
    parents = defaultdict(list)
    for edge in file.with_name(file.name.replace(".raw.", ".annotation.")).read_text().splitlines():
        one, other = sorted(map(int, edge.split()[:2]))
        if one != other and one in rows and other in rows:
            parents[other].append(one + 1)
    for number, row in rows.items():
        assert row is not None
        yield row[1], row[2].lower(), row[3], max(parents[number], default=None)


def some_of(data: Path, folder: Path) -> Path:
    """Every fourth day of the real logs: as much as a test has time for."""
    for raw in sorted((data / "ubuntu-irc").rglob("*.raw.txt"))[::4]:
        for file in (raw, raw.with_name(raw.name.replace(".raw.", ".annotation."))):
            (folder / file.name).symlink_to(file)
    return folder


LOGS = [pytest.param(None, id="sample")]
if REAL_DATA:
    LOGS.append(pytest.param(Path(REAL_DATA), id="real"))


@pytest.mark.parametrize("data", LOGS)
def test_a_second_and_plain_reading_finds_the_same(tmp_path: Path, data: Path | None) -> None:
    path = some_of(data, tmp_path) if data else SAMPLE
    archive = read_archive(path)

    found = said(archive)
    rows = {message.id: message.place.row for message in found}
    read = [
        (
            message.sent_at.strftime("%H:%M"),
            message.sender_id,
            message.text,
            rows[message.reply_to_id] if message.reply_to_id else None,
        )
        for message in found
    ]
    assert read == [row for file in sorted(path.rglob("*.raw.txt")) for row in naive(file)]
    assert len(rows) == len(found)
    assert {person.id for person in archive.people} == {message.sender_id for message in found}
