"""Reading Gitter's archives, odd as they are."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.operator.importing.archives import Message, NoArchiveError, Place
from services.operator.importing.gitter import read_archive

SAMPLE = Path(__file__).parents[1] / "samples" / "gitter"
ROW = "room1\tTown/Square\t{sent_at}\tann\tAnn\t{id}\t{text}\n"


def archive_of(folder: Path, *rows: str) -> Path:
    file = folder / "Square.tsv"
    file.write_bytes("".join(rows).encode("utf-8", "surrogateescape"))
    return file


def row(id_: str, sent_at: str = "2016-01-04T08:00:00.000Z", text: str = "Hello.") -> str:
    return ROW.format(id=id_, sent_at=sent_at, text=text)


def messages_at(path: Path) -> list[Message]:
    archive = read_archive(path)
    return [message for room in archive.rooms for message in archive.messages_of(room)]


def test_the_sample_has_its_rooms_people_and_each_message_once() -> None:
    archive = read_archive(SAMPLE)

    assert {room.title: room.messages for room in archive.rooms} == {
        "Verbatim/Harbour": 21,
        "Verbatim/Lantern": 1,
        "Verbatim/Pier": 60,
        "Verbatim/Quiet": 2,
    }
    assert archive.messages == 84
    assert archive.repeated_rows == 4
    assert len(archive.people) == 9
    assert archive.left_out == ()


def test_messages_come_by_their_time_wherever_they_stand_in_the_file() -> None:
    archive = read_archive(SAMPLE)

    for room in archive.rooms:
        times = [message.sent_at for message in archive.messages_of(room)]
        assert times == sorted(times)


def test_messages_of_one_moment_keep_the_order_of_the_source_which_is_newest_first(tmp_path: Path) -> None:
    found = messages_at(archive_of(tmp_path, row("third"), row("second"), row("first")))

    assert [message.id for message in found] == ["first", "second", "third"]


def test_a_row_that_is_there_twice_is_one_message(tmp_path: Path) -> None:
    archive = read_archive(archive_of(tmp_path, row("a"), row("a")))

    assert archive.messages == 1
    assert archive.repeated_rows == 1


def test_a_row_that_says_something_else_of_the_same_message_is_not_dropped_in_silence(tmp_path: Path) -> None:
    found = messages_at(archive_of(tmp_path, row("a", text="Now."), row("a", text="Then.")))

    assert [message.text for message in found] == ["Then.", "Now."]


def test_text_comes_as_it_stands_with_line_ends_tabs_and_quotes(tmp_path: Path) -> None:
    text = 'one\r\ntwo\rthree\tfour ""five"" \x01 \x7f'

    (message,) = messages_at(archive_of(tmp_path, row("a", text=f'"{text}"')))

    assert message.text == text.replace('""', '"')


def test_bytes_that_are_no_utf8_are_kept_for_the_service_to_refuse(tmp_path: Path) -> None:
    (message,) = messages_at(archive_of(tmp_path, row("a", text="\udcff")))

    assert message.text == "\udcff"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("one\ttwo\n", "it has 2 fields, not 7"),
        (row("a", sent_at="yesterday"), "its time is not in ISO 8601"),
        (row("a", sent_at="2016-01-04T08:00:00"), "its time has no zone"),
        (row(""), "the room, the sender or the message has no id"),
    ],
)
def test_a_row_that_cannot_be_understood_is_listed_with_its_place_and_the_rest_goes_on(
    tmp_path: Path, line: str, reason: str
) -> None:
    archive = read_archive(archive_of(tmp_path, row("b"), line))

    (unreadable,) = archive.left_out
    assert unreadable.place == Place("Square.tsv", 2)
    assert unreadable.reason == reason
    assert archive.messages == 1


def test_a_person_has_the_name_of_their_newest_message(tmp_path: Path) -> None:
    newer = "room1\tTown/Square\t2016-01-05T08:00:00Z\tann\tAnnabel\tb\tHello.\n"

    archive = read_archive(archive_of(tmp_path, newer, row("a")))

    assert [(person.id, person.name) for person in archive.people] == [("ann", "Annabel")]


def test_a_room_is_started_with_its_first_message_by_who_sent_it(tmp_path: Path) -> None:
    archive = read_archive(archive_of(tmp_path, row("b", sent_at="2016-01-05T08:00:00Z"), row("a")))

    (room,) = archive.rooms
    assert (room.started_by, room.started_at) == ("ann", datetime(2016, 1, 4, 8, tzinfo=UTC))


def test_a_room_with_a_title_of_white_space_is_called_by_its_id(tmp_path: Path) -> None:
    archive = read_archive(archive_of(tmp_path, row("a").replace("Town/Square", " ")))

    assert archive.rooms[0].title == "room1"


def test_where_there_is_no_archive_it_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NoArchiveError, match="has one"):
        read_archive(tmp_path)


def test_an_empty_file_is_an_archive_without_rooms() -> None:
    assert read_archive(SAMPLE / "archives" / "Empty.tsv").rooms == ()
