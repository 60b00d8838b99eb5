"""Gives files out: how many go to one user at once, and how long each may take."""

from contextlib import ExitStack
from dataclasses import dataclass

from prometheus_client import Gauge

from services.command.files.contents import ContentStore
from services.command.rate_limits import ConcurrencyLimit
from shared.identifiers import UserId
from shared.settings import Settings
from shared.web.downloads import Content, Span

GOING = Gauge("verbatim_downloads", "Files that are going")


@dataclass(frozen=True, slots=True)
class Sending:
    """`of_one`: how many go to one user at once; `seconds`: how long each may take."""

    contents: ContentStore
    of_one: ConcurrencyLimit
    seconds: float

    async def open(self, by: UserId, sha256: str, span: Span) -> Content:
        """A part of a content, which counts as one of theirs until it is closed.

        Raises TooManyAtOnce, and what opening one in the store raises.
        """
        with ExitStack() as counted:
            counted.enter_context(self.of_one.one_of(by))
            counted.enter_context(GOING.track_inprogress())
            content = await self.contents.open(sha256, span)
            return _Counted(content, counted.pop_all())


def sending_of(contents: ContentStore, settings: Settings) -> Sending:
    """From this store, within the limits that the settings name."""
    return Sending(contents, ConcurrencyLimit("downloads", settings.downloads_of_a_user), settings.file_seconds)


@dataclass(frozen=True, slots=True)
class _Counted:
    content: Content
    counted: ExitStack

    async def read(self) -> bytes:
        return await self.content.read()

    async def close(self) -> None:
        with self.counted:
            await self.content.close()
