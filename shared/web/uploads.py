"""A file that is sent as a body of its own, or as the one part of a form: read as it comes, and never held whole."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.multipart import BadContentDispositionHeader, BadContentDispositionParam
from pydantic import ConfigDict

from shared.web.connections import allow_body, bytes_that_came, give_up_body
from shared.web.fields import Sent
from shared.web.problems import BodyIsSlow, FieldError, InvalidContent, MalformedRequest, TooLarge

CHUNK_BYTES = 65_536
FORM = "multipart/form-data"
FORM_BYTES = 65_536  # that a form may have around its file
PART = "file"
T = TypeVar("T")
for malformed in (BadContentDispositionHeader, BadContentDispositionParam):
    warnings.simplefilter("ignore", malformed)  # it would be logged as somebody sent it, and is answered as it is


class Streamed(Sent):
    """For routes that take a file: the request, of whose body nothing was read yet."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    request: web.Request


@dataclass(frozen=True, slots=True)
class UploadBounds:
    """How many bytes a file may have, within how many seconds it comes, all of it and each next bit, and how many bytes
    come in a second at least, on average, behind the first `pause_seconds`."""

    limit_bytes: int
    seconds: float
    pause_seconds: float
    bytes_per_second: float

    def patience_seconds(self, came_bytes: int, waited_seconds: float) -> float:
        """How long the next bit may take, when so many bytes have come and were waited for so long in all."""
        return self.pause_seconds + min(0.0, came_bytes / self.bytes_per_second - waited_seconds)


@dataclass(frozen=True, slots=True)
class Upload:
    """`name` is what a form calls the file; None where it does not, or there is none. `chunks` can be read once.

    Reading them raises BodyIsSlow, MalformedRequest, TooLarge or InvalidContent.
    """

    name: str | None
    chunks: AsyncIterator[bytes]


async def begin_upload(request: web.Request, bounds: UploadBounds) -> Upload:
    """Reads up to where the file begins. Raises what reading its chunks may raise."""
    allow_body(request, bounds.seconds)
    if (request.content_length or 0) > bounds.limit_bytes + FORM_BYTES:
        raise TooLarge
    reading = _Reading(request, bounds, bytes_that_came(request))
    if request.content_type == FORM:
        return await _begin_form(reading)
    return Upload(None, reading.limited(_whole_body(reading)))


@dataclass(slots=True)
class _Reading:
    """What counts is what came over the wire, which may swell, and only the time in which more was waited for."""

    request: web.Request
    bounds: UploadBounds
    came_before: int
    waited_seconds: float = 0.0

    async def next(self, coming: Awaitable[T]) -> T:
        """What comes next, in time; whatever else happens is said as a problem."""
        came = bytes_that_came(self.request) - self.came_before
        began = monotonic()
        try:
            async with asyncio.timeout(self.bounds.patience_seconds(came, self.waited_seconds)):
                return await coming
        except TimeoutError:
            give_up_body(self.request.content)
            raise BodyIsSlow from None
        except (web.RequestPayloadError, HttpProcessingError, ConnectionError, ValueError, RuntimeError):
            raise MalformedRequest("the body ends too soon, or is not of the form that its headers say") from None
        finally:
            self.waited_seconds += monotonic() - began

    async def limited(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same, as long as they are not too many."""
        left = self.bounds.limit_bytes
        async for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                raise TooLarge
            yield chunk


async def _whole_body(reading: _Reading) -> AsyncIterator[bytes]:
    content = reading.request.content
    while chunk := await reading.next(content.readany()):
        yield chunk


async def _begin_form(reading: _Reading) -> Upload:
    try:
        form = await reading.request.multipart()
    except ValueError:
        raise MalformedRequest("the header Content-Type names no boundary that can be used") from None
    part = await reading.next(form.next())
    if not isinstance(part, BodyPartReader):
        raise _not_one_file()
    if part.name != PART:
        raise _not_one_file()
    return Upload(part.filename, reading.limited(_only_part(reading, form, part)))


async def _only_part(reading: _Reading, form: MultipartReader, part: BodyPartReader) -> AsyncIterator[bytes]:
    while not part.at_eof():
        yield await reading.next(part.read_chunk(CHUNK_BYTES))
    if await reading.next(form.next()) is not None:
        raise _not_one_file()


def _not_one_file() -> InvalidContent:
    return InvalidContent(errors=[FieldError(f"/{PART}", f"the form must have one part, `{PART}`, and no other")])
