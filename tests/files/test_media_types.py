"""What a content is taken for, by how it begins."""

import gzip
from io import BytesIO
from zipfile import ZipFile

import pytest

from services.command.files.gathering import HEAD_BYTES
from services.command.files.media_types import media_type_of
from tests.files.uploading import PDF, PNG


def zipped(*names: str) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return made.getvalue()


def boxed(brand: bytes) -> bytes:
    """How a file of MPEG-4's kind begins."""
    return b"\0\0\0\x1cftyp" + brand + b"\0\0\0\0" + brand + b"isom" + b"mif1" + bytes(64)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(64), "image/jpeg"),
        (b"GIF89a\1\0\1\0\x80\0\0" + bytes(64), "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(64), "image/webp"),
        (boxed(b"heic"), "image/heic"),
        (boxed(b"avif"), "image/avif"),
        (boxed(b"mp42"), "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(64), "video/quicktime"),
        (boxed(b"M4A "), "audio/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webm" + bytes(64), "video/webm"),
        (b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1" + bytes(64), "audio/ogg"),
        (b"ID3\3\0\0\0\0\0\0" + bytes(64), "audio/mpeg"),
        (PDF, "application/pdf"),
        (b"%PDF-1.4\n1 0 obj\n", "application/pdf"),
        (zipped("notes.txt"), "application/zip"),
        (gzip.compress(b"here"), "application/gzip"),
        (bytes(range(256)), "application/octet-stream"),
        (b"\x7fNOPE" + bytes(64), "application/octet-stream"),
    ],
)
def test_a_content_is_what_it_begins_as(head: bytes, media_type: str) -> None:
    assert media_type_of(head) == media_type


@pytest.mark.parametrize(
    "text", ["BMW is no bitmap", "MZungu", "ID3 tags", "MThd", "hello", "Grüße 🙂\r\n", "a\tb\n", ""]
)
def test_words_are_text_whatever_letters_they_begin_with(text: str) -> None:
    assert media_type_of(text.encode()) == "text/plain"


@pytest.mark.parametrize(
    "page",
    [
        '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
        "<!doctype html><script>alert(1)</script>",
        "#!/bin/sh\necho here",
        '{"a": 1}',
    ],
)
def test_what_a_browser_could_run_is_never_called_so(page: str) -> None:
    assert media_type_of(page.encode()) == "text/plain"


def test_a_character_may_be_cut_off_where_the_head_ends() -> None:
    for shift in range(4):
        text = ("a" * shift + "🙂" * HEAD_BYTES).encode()[:HEAD_BYTES]
        assert media_type_of(text) == "text/plain"


@pytest.mark.parametrize("head", [b"a\0b", b"a\x01b", b"caf\xe9 au lait", "utf-16".encode("utf-16")])
def test_what_is_no_utf_8_or_has_control_characters_is_no_text(head: bytes) -> None:
    assert media_type_of(head) == "application/octet-stream"
