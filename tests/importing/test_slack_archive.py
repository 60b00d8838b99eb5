"""Reading Slack's exports: what was said, by whom, and what else there is."""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.command.files.names import file_name
from services.operator.importing.archives import Archive, Attachment, Message, NoArchiveError, Place
from services.operator.importing.slack import read_archive
from services.operator.importing.slack_files import without_token
from services.operator.importing.slack_text import plain

SAMPLE = Path(__file__).parents[1] / "samples" / "slack"
REAL_DATA = os.environ.get("VERBATIM_DATA")
CHANNELS = [{"id": "C1", "name": "harbour", "creator": "UANN", "created": "1400000000"}]
ENTRY = {"type": "message", "user": "UANN", "text": "Hello.", "ts": "1400000010.000001"}
SAID = {None, "file_share", "file_comment", "bot_message"}


def export_of(folder: Path, *entries: Any, channels: Any = CHANNELS, users: Any = None) -> Path:
    (folder / "harbour").mkdir(exist_ok=True)
    (folder / "harbour" / "2014-05-13.json").write_text(json.dumps(entries))
    (folder / "channels.json").write_text(json.dumps(channels))
    if users is not None:
        (folder / "users.json").write_text(json.dumps(users))
    return folder


def said(archive: Archive) -> list[Message]:
    return [message for room in archive.rooms for message in archive.messages_of(room)]


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


def reactions_of(archive: Archive) -> dict[str, list[tuple[str, str]]]:
    return {m.id: [(each.sender_id, each.kind) for each in m.reactions] for m in said(archive) if m.reactions}


def test_people_react_in_one_way_each_whatever_the_tone_of_their_skin() -> None:
    assert reactions_of(read_archive(SAMPLE)) == {
        "CHARBOUR1/1400000010.000004": [("UTIDE0001", "like"), ("UGULL0001", "haha"), ("UREEF0001", "haha")],
        "CHARBOUR1/1400000010.000005": [("UKEEPER01", "like")],
        "CHARBOUR1/1400050006.000012": [("UKEEPER01", "love")],
        "CHARBOUR1/1400050009.000015": [("UGULL0001", "pray")],
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[("+1", "like"), ("thumbsup", "like"), ("+1::skin-tone-5", "like"), ("heart", "love"), ("joy", "haha")],
        *[("laughing", "haha"), ("satisfied", "haha"), ("rofl", "haha"), ("rolling_on_the_floor_laughing", "haha")],
        *[("open_mouth", "wow"), ("astonished", "wow"), ("cry", "sad"), ("sob", "sad"), ("pray", "pray")],
    ],
)
def test_a_name_of_slacks_is_the_kind_that_says_the_same(tmp_path: Path, name: str, kind: str) -> None:
    entry = ENTRY | {"reactions": [{"name": name, "users": ["UBEN"], "count": 1}]}

    archive = read_archive(export_of(tmp_path, entry))

    assert list(reactions_of(archive).values()) == [[("UBEN", kind)]]
    assert archive.left_out == ()


@pytest.mark.parametrize("name", ["-1", "wave::skin-tone-3", "houston", "", "like", "+1 "])
def test_what_no_kind_says_is_left_out_with_its_name(tmp_path: Path, name: str) -> None:
    entry = ENTRY | {"reactions": [{"name": name, "users": ["UBEN", "UANN"], "count": 2}]}

    archive = read_archive(export_of(tmp_path, entry))

    assert reactions_of(archive) == {}
    assert [each.reason for each in archive.left_out] == [f"no reaction here says what :{name}: says"] * 2
    assert "UBEN" not in {person.id for person in archive.people}


def test_the_last_of_a_persons_reactions_counts(tmp_path: Path) -> None:
    reactions = [{"name": name, "users": ["UBEN"]} for name in ("+1", "heart", "tada", "+1")]

    archive = read_archive(export_of(tmp_path, ENTRY | {"reactions": [*reactions, {"name": "cry", "users": ["UCY"]}]}))

    assert list(reactions_of(archive).values()) == [[("UBEN", "like"), ("UCY", "sad")]]
    assert Counter(each.code for each in archive.left_out) == {"not-the-last": 2, "no-such-reaction": 1}


def test_of_those_whom_slack_does_not_name_it_is_said_how_many_there_were(tmp_path: Path) -> None:
    reactions = [{"name": "+1", "users": ["UBEN"], "count": 3}]
    noted = ENTRY | {"subtype": "channel_topic", "reactions": reactions}

    archive = read_archive(export_of(tmp_path, ENTRY | {"reactions": reactions}, noted))

    assert list(reactions_of(archive).values()) == [[("UBEN", "like")]]
    assert Counter(each.code for each in archive.left_out if each.kind == "reaction") == {
        "nobodys-reaction": 2,
        "reaction-to-nothing": 3,
    }


def files_of(archive: Archive) -> dict[str, tuple[str, list[Attachment]]]:
    return {m.id: (m.content_type, list(m.attachments)) for m in said(archive) if m.attachments}


def test_files_come_by_their_addresses_without_the_token_of_the_export() -> None:
    assert files_of(read_archive(SAMPLE)) == {
        "CHARBOUR1/1400000020.000006": (
            "image",
            [Attachment("image", "https://files.example.org/F1/chart.png", "chart.png", 640, 480)],
        ),
        "CHARBOUR1/1400050009.000015": (
            "media",
            [
                Attachment("image", "https://files.example.org/F2/north.jpg", "north.jpg", 800, 600),
                Attachment("video", "https://files.example.org/F4/waves.mp4?part=1", "waves.mp4"),
            ],
        ),
        "CHARBOUR1/1400050010.000016": (
            "file",
            [Attachment("file", "https://files.example.org/F3/tides.pdf", "tides.pdf")],
        ),
    }


FILE = {"name": "a.png", "mimetype": "image/png", "url_private": "https://files.example.org/a.png"}


@pytest.mark.parametrize(
    ("files", "content_type", "kinds", "left_out"),
    [
        ([FILE], "image", ["image"], []),
        ([FILE] * 10, "media", ["image"] * 10, []),
        ([FILE] * 11, "media", ["image"] * 10, ["one-too-many"]),
        ([FILE | {"mimetype": "video/mp4"}], "media", ["video"], []),
        ([FILE | {"mimetype": "audio/mpeg"}], "file", ["file"], []),
        ([FILE | {"mimetype": None}] * 2, "file", ["file"], ["one-too-many"]),
        ([FILE | {"mimetype": "text/csv"}, FILE], "image", ["image"], ["one-too-many"]),
        ([FILE | {"original_w": 0, "name": " "}], "image", ["image"], []),
        ([FILE | {"url_private": "http://files.example.org/a.png"}], "text", [], ["no-address"]),
        ([FILE | {"url_private": "https://[::1"}], "text", [], ["no-address"]),
        ([{"mode": "tombstone"}, 5], "text", [], ["no-address"] * 2),
    ],
)
def test_as_many_files_as_a_message_has_are_taken(
    tmp_path: Path, files: list[Any], content_type: str, kinds: list[str], left_out: list[str]
) -> None:
    archive = read_archive(export_of(tmp_path, ENTRY | {"files": files}))

    (message,) = said(archive)
    assert (message.content_type, [each.kind for each in message.attachments]) == (content_type, kinds)
    assert [each.code for each in archive.left_out] == left_out


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        (" a.png", " a.png"),
        ("a/b\\c.png", "a_b_c.png"),
        ("photo\u202egnp.exe", "photo_gnp.exe"),
        ("a\r\n\u2028.png", "a___.png"),
        ("n" * 256, "n" * 255),
        ("..", None),
        (" ", None),
        (None, None),
    ],
)
def test_what_no_name_here_may_have_is_replaced(tmp_path: Path, name: str | None, taken: str | None) -> None:
    (message,) = said(read_archive(export_of(tmp_path, ENTRY | {"files": [FILE | {"name": name}]})))

    assert [each.name for each in message.attachments] == [taken]
    assert taken is None or file_name(taken) == taken


def test_a_file_that_an_export_has_in_two_fields_is_one(tmp_path: Path) -> None:
    archive = read_archive(export_of(tmp_path, ENTRY | {"files": [FILE], "file": FILE}))

    assert [message.content_type for message in said(archive)] == ["image"]
    assert archive.left_out == ()


@pytest.mark.parametrize(("length", "taken"), [(500, 1), (501, 0)])
def test_an_address_has_at_most_so_many_characters(tmp_path: Path, length: int, taken: int) -> None:
    url = "https://files.example.org/".ljust(length, "x")

    archive = read_archive(export_of(tmp_path, ENTRY | {"files": [FILE | {"url_private": url}]}))

    assert [each.url for each in said(archive)[0].attachments] == [url] * taken


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://e.org/a?t=xoxe-1-2", "https://e.org/a"),
        ("https://e.org/a?t=xoxe-1&b=2", "https://e.org/a?b=2"),
        ("https://e.org/a?b=2&t=xoxb-1#c", "https://e.org/a?b=2#c"),
        ("https://e.org/a?t=10", "https://e.org/a?t=10"),
    ],
)
def test_no_token_of_slacks_is_left_in_an_address(url: str, clean: str) -> None:
    assert without_token(url) == clean


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


def test_texts_are_made_plain() -> None:
    texts = [message.text for message in said(read_archive(SAMPLE))]

    assert texts[:4] == [
        "Hello, @tide & time. Lamps <north & south> are lit.",
        (
            "See the table (http://tides.example.org/table?day=1&port=2), example.org and https://example.org/plain, "
            "#pier, #pier. @channel: write to keeper@example.org"
        ),
        "@tide uploaded a file: chart.png (https://files.example.org/F1/chart.png)",
        "@gull commented on UTIDE0001's file chart.png (https://files.example.org/F1/chart.png): fine",
    ]
    assert "😀 zero\u200bwidth and \u202ebidi\u202c\n\ttwo lines" in texts


@pytest.mark.parametrize(
    ("marked", "written_out"),
    [
        ("&amp;lt; is written &amp;amp;lt;", "&lt; is written &amp;lt;"),
        ("&lt;@UANN&gt; as it was typed", "<@UANN> as it was typed"),
        ("<@UNOBODY> and <#C404>", "@UNOBODY and #C404"),
        ("<@UANN|ann &amp; co>", "@ann & co"),
        ("<!here> <!here|@here> <!everyone>", "@here @here @everyone"),
        ("<!subteam^S1|@crew> <!date^1400000000^{date}|in May>", "@crew in May"),
        ("<http://example.org/|example.org>", "example.org"),
        ("<http://example.org/a|example.org>", "example.org (http://example.org/a)"),
        ("<tel:+4912|+4912>", "+4912"),
        ("1 < 2 and 3 > 2 &quot;", "1 < 2 and 3 > 2 &quot;"),
        ("<>", "<>"),
    ],
)
def test_markup_is_written_out(marked: str, written_out: str) -> None:
    assert plain(marked, {"UANN": "ann"}, {"C1": "harbour"}) == written_out


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


EXPORTS = pytest.mark.parametrize(
    "export", [SAMPLE, *([Path(REAL_DATA) / "houstondatavis-slack"] if REAL_DATA else [])], ids=str
)


def entries_in(export: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A plain reading: the entries that somebody said, with the names of their folders."""
    for folder in export.iterdir():
        for file in folder.glob("*.json"):
            yield from ((folder.name, entry) for entry in json.loads(file.read_text()) if entry.get("subtype") in SAID)


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


SAME = {"+1": "like", "heart": "love", "joy": "haha", "pray": "pray"}


@EXPORTS
def test_a_second_and_plain_reading_finds_the_same_reactions(export: Path) -> None:
    given = [
        (folder, entry["ts"], user, SAME.get(reaction["name"].split("::")[0]))
        for folder, entry in entries_in(export)
        for reaction in entry.get("reactions", [])
        for user in reaction["users"]
    ]
    expected = {(folder, ts, user): kind for folder, ts, user, kind in given if kind}
    archive = read_archive(export)

    found = {
        (room.title, message.id.split("/")[1], each.sender_id): each.kind
        for room in archive.rooms
        for message in archive.messages_of(room)
        for each in message.reactions
    }
    assert found == expected
    because = Counter(each.code for each in archive.left_out if each.kind == "reaction")
    assert because["no-such-reaction"] == sum(kind is None for *_, kind in given)
    assert because["not-the-last"] == len(given) - because["no-such-reaction"] - len(expected)


@EXPORTS
def test_a_second_and_plain_reading_finds_the_same_files(export: Path) -> None:
    shared = [
        (folder, entry["ts"], file.get("url_private") or "")
        for folder, entry in entries_in(export)
        if "comment" not in entry
        for file in entry.get("files") or ([entry["file"]] if "file" in entry else [])
    ]
    archive = read_archive(export)

    found = [
        (room.title, message.id.split("/")[1], each.url)
        for room in archive.rooms
        for message in archive.messages_of(room)
        for each in message.attachments
    ]
    assert set(found) <= {(folder, ts, re.sub(r"[?&]t=xox[^&]*", "", url)) for folder, ts, url in shared}
    because = Counter(each.code for each in archive.left_out if each.kind == "file")
    assert len(found) + because["no-address"] + because["one-too-many"] == len(shared)
    assert not [url for *_, url in found if "xox" in url]
