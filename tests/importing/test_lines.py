"""What is posted, and in which portions."""

import json
from pathlib import Path

from services.operator.importing.gitter import read_archive
from services.operator.importing.lines import BATCH_BYTES, BATCH_ITEMS, Line, batches, people_lines, room_lines
from services.operator.importing.slack import read_archive as read_slack

SAMPLE = Path(__file__).parents[1] / "samples" / "gitter"
SLACK = Path(__file__).parents[1] / "samples" / "slack"


def line(size: int = 10) -> Line:
    return Line("message", "a", None, b"x" * size)


def test_a_batch_has_at_most_so_many_lines() -> None:
    assert [len(batch) for batch in batches([line()] * (2 * BATCH_ITEMS + 1))] == [BATCH_ITEMS, BATCH_ITEMS, 1]


def test_a_batch_has_at_most_so_many_bytes() -> None:
    half = BATCH_BYTES // 2

    assert [len(batch) for batch in batches([line(half), line(half - 1), line(1), line(half)])] == [2, 2]


def test_a_line_beyond_the_limit_is_alone() -> None:
    assert [len(batch) for batch in batches([line(), line(BATCH_BYTES + 1), line()])] == [1, 1, 1]


def test_no_line_is_lost_or_moved() -> None:
    lines = [Line("message", str(number), None, b"x" * (number % 7)) for number in range(3 * BATCH_ITEMS)]

    assert [each for batch in batches(lines) for each in batch] == lines


def test_a_room_is_its_conversation_and_then_its_messages_with_their_places() -> None:
    archive = read_archive(SAMPLE)
    room = next(room for room in archive.rooms if room.title == "Verbatim/Lantern")

    conversation, message = room_lines(archive, room)

    assert json.loads(conversation.json) == {
        "kind": "conversation",
        "source": "gitter",
        "source_id": room.id,
        "title": "Verbatim/Lantern",
        "started_by": room.started_by,
        "occurred_at": "2016-02-01T22:00:00+00:00",
    }
    assert json.loads(message.json) == {
        "kind": "message",
        "source": "gitter",
        "source_id": "5c0000000000000000000016",
        "conversation": room.id,
        "sender": room.started_by,
        "content": "Lit.",
        "occurred_at": "2016-02-01T22:00:00+00:00",
    }
    assert message.place is not None
    assert (message.place.file, message.place.row) == ("Lantern.tsv", 1)


def test_reactions_come_behind_their_message() -> None:
    archive = read_slack(SLACK)

    lines = list(room_lines(archive, archive.rooms[0]))

    liked = next(number for number, each in enumerate(lines) if each.kind == "reaction")
    assert [each.kind for each in lines[liked - 1 : liked + 4]] == ["message", *["reaction"] * 3, "message"]
    assert json.loads(lines[liked].json) == {
        "kind": "reaction",
        "source": "slack",
        "conversation": "CHARBOUR1",
        "message": "CHARBOUR1/1400000010.000004",
        "sender": "UTIDE0001",
        "reaction": "like",
        "occurred_at": "2014-05-13T16:53:30.000004+00:00",
    }
    assert (lines[liked].source_id, lines[liked].place) == (lines[liked - 1].source_id, lines[liked - 1].place)


def test_a_message_has_its_attachments() -> None:
    archive = read_slack(SLACK)

    lines = [json.loads(each.json) for each in room_lines(archive, archive.rooms[0]) if each.kind == "message"]

    assert [line["content_type"] for line in lines if "attachments" in line] == ["image", "media", "file"]
    (shared,) = (line for line in lines if line["source_id"] == "CHARBOUR1/1400050010.000016")
    assert shared["attachments"] == [
        {"kind": "file", "url": "https://files.example.org/F3/tides.pdf", "name": "tides.pdf"}
    ]


def test_each_person_is_one_line() -> None:
    archive = read_archive(SAMPLE)

    assert [json.loads(each.json)["name"] for each in people_lines(archive)] == [each.name for each in archive.people]
