"""Slack's files: their names, kinds and sizes, and the addresses at which Slack, or somebody else, has them."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from services.operator.importing.archives import Attachment
from services.operator.importing.attaching import is_address, kind_of, name_of

TOKEN = "t=xox"  # noqa: S105  # how Slack's tokens begin, and none of them


class SlackFile(msgspec.Struct, frozen=True):
    """A file, as far as imports read it. One that was deleted has no address."""

    url_private: str | None = None
    name: str | None = None
    mimetype: str | None = None
    original_w: int | None = None
    original_h: int | None = None


def attachments_in(files: Iterable[Any]) -> Iterator[Attachment | None]:
    """The files of an entry, in their order; None for one that is nowhere, or cannot be understood."""
    for each in files:
        try:
            yield _attachment(msgspec.convert(each, SlackFile))
        except ValueError:
            yield None


def _attachment(file: SlackFile) -> Attachment | None:
    url = without_token(file.url_private or "")
    if not is_address(url):
        return None
    return Attachment(
        kind_of(file.mimetype or ""),
        url,
        name_of(file.name or ""),
        _size(file.original_w),
        _size(file.original_h),
    )


def without_token(url: str) -> str:
    """The address without the token that exports add: whoever has it reads all files, and the log keeps it for good.

    Raises ValueError if it is no address.
    """
    parts = urlsplit(url)
    query = "&".join(each for each in parts.query.split("&") if not each.startswith(TOKEN))
    return urlunsplit(parts._replace(query=query))


def _size(pixels: int | None) -> int | None:
    return pixels if pixels and pixels > 0 else None
