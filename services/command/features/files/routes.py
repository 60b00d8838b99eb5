"""Uploading and downloading files, over HTTP."""

from aiohttp import web
from pydantic import Field

from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.feature import Feature
from services.command.features.files.decider import FILES, UploadFile
from services.command.features.files.facts import File
from services.command.features.files.reading import file_to_read
from services.command.files.names import FileName
from services.command.rate_limits import TooManyAtOnce
from shared.identifiers import FileId
from shared.web.downloads import (
    ContentResponse,
    Download,
    DownloadHeaders,
    RangeNotSatisfiable,
    described,
    not_modified,
)
from shared.web.fields import Id, NoParameters, Nothing, Parameters
from shared.web.problems import NotFound
from shared.web.routes import Bytes, Route
from shared.web.uploads import Streamed


class FilePath(Parameters):
    """A file, named in the path."""

    file_id: Id


class UploadQuery(Parameters):
    """What the file is called."""

    name: FileName | None = Field(None, description="What the file is called; a form may say it as the part's filename")


class FileAccepted(CommandAccepted, frozen=True, kw_only=True):
    """The file's content is kept, and whose it is is recorded."""

    file_id: str


async def upload_file(asked: Asked[Streamed, NoParameters, UploadQuery]) -> Accepted:
    """Keeps what comes, and then records it."""
    kept = await asked.parts.receiving.receive(asked.body.request, asked.by, asked.query.name)
    file = File(kept.name, kept.media_type, kept.size, kept.sha256)
    return await asked.dispatch(UploadFile(asked.by, file), content=f"{file.name}\0{file.sha256}")


async def download_file(asked: Asked[Nothing, FilePath, NoParameters, DownloadHeaders]) -> web.StreamResponse:
    """The content, or a range of it."""
    file = await _file(asked)
    download = download_of(file)
    if download.is_known(asked.headers):
        return not_modified(download)
    span = download.span_of(asked.headers)
    content = await asked.parts.sending.open(asked.by, file.sha256, span or download.whole)
    return ContentResponse(download, span, content, asked.parts.sending.seconds)


async def look_at_file(asked: Asked[Nothing, FilePath, NoParameters, DownloadHeaders]) -> web.StreamResponse:
    """All about the content but itself."""
    download = download_of(await _file(asked))
    return not_modified(download) if download.is_known(asked.headers) else described(download)


async def _file(asked: Asked[Nothing, FilePath, NoParameters, DownloadHeaders]) -> File:
    file = await file_to_read(asked, FileId(asked.path.file_id))
    if file is None:
        raise NotFound
    return file


def download_of(file: File) -> Download:
    """The file as it is downloaded: equal contents have one tag."""
    return Download(file.name, file.media_type, file.size, file.sha256)


DOWNLOADING = (
    "Whoever uploaded it may, and whoever may read a message that it is attached to and that is not unsent; to "
    "everybody else it is unknown. Pictures, sounds and films may be shown in place, all else is for saving."
)
ROUTES = (
    Route(
        "POST",
        "/v1/files",
        "Upload a file",
        upload_file,
        FileAccepted,
        body=Streamed,
        query=UploadQuery,
        refusals=(TooManyAtOnce,),
        creates=True,
        description="As a form with one part, `file`, or as the bytes themselves with `?name=`. Its media type is read "
        "from the content. With the same Idempotency-Key, name and content it is uploaded once.",
    ),
    Route(
        "GET",
        "/v1/files/{file_id}",
        "Download a file",
        download_file,
        Bytes,
        parameters=FilePath,
        headers=DownloadHeaders,
        refusals=(RangeNotSatisfiable, TooManyAtOnce),
        description=DOWNLOADING,
    ),
    Route(
        "HEAD",
        "/v1/files/{file_id}",
        "Look at a file without downloading it",
        look_at_file,
        Bytes,
        parameters=FilePath,
        headers=DownloadHeaders,
        description=DOWNLOADING,
    ),
)

FEATURE = Feature("files", deciders=(FILES,), routes=ROUTES)
