"""Reading Slack's exports: the files that go with what was said."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.command.files.names import file_name
from services.operator.importing.archives import Archive, Attachment
from services.operator.importing.slack import read_archive
from services.operator.importing.slack_files import without_token
from tests.importing.slack_exports import ENTRY, EXPORTS, FILE, SAMPLE, entries_in, export_of, said


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
