"""What is downloaded: all of it or a range, answered as RFC 9110 says, and sent as fast as it is taken."""

import asyncio
import re
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from pydantic import Field

from shared.web.fields import Parameters
from shared.web.problems import Problem

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)
SHOWN_IN_PLACE = ("image/", "audio/", "video/")
UNSAFE_IN_FALLBACK = re.compile(r'[^\x20-\x7e]|["\\%]')
log = structlog.get_logger()


class RangeNotSatisfiable(Problem):
    status, code, title = 416, "range-not-satisfiable", "There is nothing in the range that was asked for"


class DownloadHeaders(Parameters):
    """The headers that ask for a part, or only for what is not known yet."""

    range: str | None = Field(
        None, alias="Range", description="`bytes=0-99`, `bytes=100-` or `bytes=-100`; whatever else is passed over"
    )
    if_range: str | None = Field(
        None,
        alias="If-Range",
        description="The ETag of what one has a part of: when it is another one, all of it comes",
    )
    if_none_match: str | None = Field(None, alias="If-None-Match", description="The ETag of what one has: 304")


class Span(NamedTuple):
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int


class Content(Protocol):
    """Bytes that are read in their order, once."""

    async def read(self) -> bytes:
        """The next bytes; none when there are no more."""

    async def close(self) -> None:
        """Gives back what reading took."""


@dataclass(frozen=True, slots=True)
class Download:
    """What it is; `size` is in bytes, `tag` is another one for every other content."""

    name: str
    media_type: str
    size: int
    tag: str

    @property
    def whole(self) -> Span:
        """All of it."""
        return Span(0, self.size)

    @property
    def headers(self) -> dict[str, str]:
        """What every answer about it says. It is asked for anew each time: who may read it changes."""
        return {
            "ETag": f'"{self.tag}"',
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "Content-Disposition": disposition_of(self.name, self.media_type),
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }

    def is_known(self, asked: DownloadHeaders) -> bool:
        """Whether whoever asks has it already."""
        given = asked.if_none_match or ""
        return given.strip() == "*" or self.tag in re.findall(r'(?:W/)?"([^"]*)"', given)

    def span_of(self, asked: DownloadHeaders) -> Span | None:
        """The part that is asked for; None for all of it. Raises RangeNotSatisfiable."""
        if asked.if_range is not None and asked.if_range != f'"{self.tag}"':
            return None
        wanted = RANGE.fullmatch((asked.range or "").strip())
        span = None if wanted is None else _span(wanted[1], wanted[2], self.size)
        if span is None:
            return None
        if span.start >= span.end:
            raise RangeNotSatisfiable(headers={"Content-Range": f"bytes */{self.size}"})
        return span


def _span(first: str, last: str, size: int) -> Span | None:
    """None for what is no range at all, as RFC 9110 has it."""
    if not first and not last:
        return None
    if not first:
        return Span(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return Span(int(first), min(int(last) + 1, size) if last else size)


def disposition_of(name: str, media_type: str) -> str:
    """The header Content-Disposition (RFC 6266): for saving alone, but for what does nothing when it is shown."""
    in_place = media_type.startswith(SHOWN_IN_PLACE) and not media_type.endswith("+xml")
    kind = "inline" if in_place else "attachment"
    fallback = UNSAFE_IN_FALLBACK.sub("_", name)
    others = "" if fallback == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'{kind}; filename="{fallback}"{others}'


def not_modified(download: Download) -> web.Response:
    """304: what whoever asks has is still the same."""
    return web.Response(status=304, headers=download.headers)


def described(download: Download) -> web.StreamResponse:
    """What HEAD is answered: all that GET is, but the content."""
    return web.StreamResponse(headers=_headers_of(download, None))


def _headers_of(download: Download, span: Span | None) -> dict[str, str]:
    start, end = span or download.whole
    part = {} if span is None else {"Content-Range": f"bytes {start}-{end - 1}/{download.size}"}
    return {**download.headers, "Content-Type": download.media_type, "Content-Length": str(end - start), **part}


class ContentResponse(web.StreamResponse):
    """All of a content, or a span of it. As aiohttp's own FileResponse it is sent while it is prepared.

    That takes `seconds` at most. What cannot be sent to its end is cut off, so that nobody takes it for whole.
    """

    def __init__(self, download: Download, span: Span | None, content: Content, seconds: float) -> None:
        super().__init__(status=200 if span is None else 206, headers=_headers_of(download, span))
        self._content = content
        self._seconds = seconds

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Begins the answer, and sends what it consists of."""
        try:
            writer = await super().prepare(request)
            async with asyncio.timeout(self._seconds):
                await self._send()
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is: the answer has begun, and no other can be given
            log.warning("a download was cut off", error=repr(error))
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("cut off") from None
        finally:
            await self._content.close()
        return writer

    async def _send(self) -> None:
        unsent = self.content_length or 0
        while chunk := await self._content.read():
            await self.write(chunk)
            unsent -= len(chunk)
        if unsent:
            raise EOFError("the store has less of it than was recorded")
