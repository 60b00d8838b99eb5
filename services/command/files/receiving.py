"""Takes files in: how many come at once, what each may be, and that it is kept before anything is recorded of it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from prometheus_client import Counter, Gauge

from services.command.files.contents import ContentStore, in_a_thread, within_reach
from services.command.files.directory import DirectoryStore
from services.command.files.gathering import gathered, remove_abandoned
from services.command.files.media_types import media_type_of
from services.command.files.names import file_name
from services.command.rate_limits import RETRY_SECONDS, ConcurrencyLimit
from shared.identifiers import UserId
from shared.settings import Settings
from shared.web.problems import Unavailable
from shared.web.uploads import UploadBounds, begin_upload

COMING = Gauge("verbatim_uploads", "Files that are coming")
RECEIVED = Counter("verbatim_received_bytes", "Bytes of files that were kept")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose content is in the store. `size` is in bytes, `sha256` hexadecimal."""

    name: str
    media_type: str
    size: int
    sha256: str


def receiving_of(settings: Settings) -> "Receiving":
    """With the store and the limits that the settings name, and nothing coming yet."""
    bounds = UploadBounds(
        settings.file_limit_bytes, settings.file_seconds, settings.body_seconds, settings.upload_bytes_per_second
    )
    of_one = ConcurrencyLimit("uploads", settings.uploads_of_a_user)
    return Receiving(_store_of(settings), bounds, settings.uploads_at_once, of_one)


def _store_of(settings: Settings) -> ContentStore:
    if not settings.files_bucket:
        return DirectoryStore(settings.files_directory)
    from services.command.files.bucket import bucket_store_of  # noqa: PLC0415  # 7 MB that only a bucket needs

    return bucket_store_of(settings)


@dataclass(frozen=True, slots=True)
class Receiving:
    """`at_once`: how many files come at once; `of_one`: how many of them from one user."""

    contents: ContentStore
    bounds: UploadBounds
    at_once: int
    of_one: ConcurrencyLimit

    async def start(self) -> None:
        """Removes what earlier processes had gathered and not kept."""
        with suppress(Unavailable):  # it costs room, and nothing else waits for it
            async with within_reach("removing what was abandoned"):
                await in_a_thread(partial(remove_abandoned, self.contents.incoming))

    async def receive(self, request: web.Request, by: UserId, name: str | None) -> Kept:
        """Keeps the file that this request brings, under the name given or else the one that comes with it.

        Raises Unavailable, TooManyAtOnce, and what reading a body raises; nothing that can be read is kept then.
        """
        with self._place(by):
            upload = await begin_upload(request, self.bounds)
            called = file_name(name if name is not None else upload.name)
            async with gathered(upload.chunks, self.contents.incoming) as content:
                await self.contents.put(content)
                RECEIVED.inc(content.size)
        return Kept(called, media_type_of(content.head), content.size, content.sha256)

    @contextmanager
    def _place(self, by: UserId) -> Iterator[None]:
        with self.of_one.one_of(by), COMING.track_inprogress():
            if len(self.of_one) > self.at_once:
                raise Unavailable("too many files are coming at once", retry_after_seconds=RETRY_SECONDS)
            yield
