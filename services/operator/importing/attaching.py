"""What is taken of the files that went with a message: as many as one message of Verbatim has, each by its address."""

import re
from collections.abc import Sequence

from services.command.features.messages.refusals import MEDIA_LIMIT
from services.operator.importing.archives import Attachment

URL_LIMIT = 500
NAME_LIMIT = 255
HTTPS = re.compile(r"https://[^\s/?#]+\S*")
IN_NO_NAME = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
FOLDERS = frozenset({".", ".."})
WITHOUT_ADDRESS = ("file", "no-address", f"it has no https address of at most {URL_LIMIT} characters")
TO_NOTHING = ("file", "file-of-nothing", "what it goes with is not imported")
ONE_TOO_MANY = ("file", "one-too-many", f"a message has one file, or up to {MEDIA_LIMIT} images and videos")


def is_address(url: str) -> bool:
    """Whether it may be recorded as where a file is."""
    return len(url) <= URL_LIMIT and HTTPS.fullmatch(url) is not None


def name_of(name: str) -> str | None:
    """What an attachment is called whose file has this name, or None: what no name may have is replaced."""
    plain = IN_NO_NAME.sub("_", name[:NAME_LIMIT])
    return None if plain in FOLDERS or not name.strip() or not plain.strip() else plain


def kind_of(media_type: str) -> str:
    """What a file of this media type is, as an attachment. A recording is a file: how long it lasts is not known."""
    kind = media_type.partition("/")[0]
    return kind if kind in {"image", "video"} else "file"


def taken_of(files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Those of the files that go with one message: the first images and videos, or else the first file."""
    media = [file for file in files if file.kind != "file"]
    return tuple(media[:MEDIA_LIMIT] or files[:1])


def content_type_of(taken: Sequence[Attachment]) -> str:
    """What a message is with these attachments."""
    match [file.kind for file in taken]:
        case []:
            return "text"
        case ["image" | "file" as kind]:
            return kind
        case _:
            return "media"
