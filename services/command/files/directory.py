"""Contents in a folder: each is a file that is named after its SHA-256, in one of 256 folders."""

import os
from functools import partial
from pathlib import Path
from typing import BinaryIO

from services.command.files.contents import CHUNK_BYTES, ContentIsMissingError, Gathered, in_a_thread, within_reach
from shared.web.downloads import Content, Span


class DirectoryStore:
    """A folder on one file system, which several command services may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.incoming = folder / "incoming"

    async def put(self, gathered: Gathered) -> None:
        """Moves the file to its place, over an equal one that may be there: whoever reads sees one or the other."""
        async with within_reach("keeping a content"):
            await in_a_thread(partial(self._put, gathered))

    async def open(self, sha256: str, span: Span) -> Content:
        """Raises ContentIsMissingError or Unavailable."""
        async with within_reach("opening a content"):
            file = await in_a_thread(partial(_opened, self._place_of(sha256), span.start))
        if file is None:
            raise ContentIsMissingError(sha256)
        return _OpenFile(file, span.end - span.start)

    def _place_of(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _put(self, gathered: Gathered) -> None:
        place = self._place_of(gathered.sha256)
        place.parent.mkdir(exist_ok=True)
        gathered.path.replace(place)
        for folder in (place.parent, self._folder):  # the second for a folder that is new, perhaps since before a crash
            _sync(folder)


class _OpenFile:
    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file = file
        self._left = left

    async def read(self) -> bytes:
        async with within_reach("reading a content"):
            chunk = await in_a_thread(partial(self._file.read, min(CHUNK_BYTES, self._left)))
        self._left -= len(chunk)
        return chunk

    async def close(self) -> None:
        self._file.close()


def _opened(place: Path, start: int) -> BinaryIO | None:
    try:
        file = place.open("rb")
    except FileNotFoundError:
        return None
    file.seek(start)
    return file


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
