"""A disk that says nothing, as one across a network may: files wait for it, and nothing else does."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.command.files import contents, directory, receiving
from services.command.files.contents import THREADS
from services.command.files.directory import DirectoryStore
from services.command.rate_limits import ConcurrencyLimit
from shared.web.downloads import Span
from shared.web.problems import Unavailable
from shared.web.uploads import UploadBounds

AT_MOST_SECONDS = 10.0  # what only a fault exceeds, on however slow a machine


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., object]]:
    """Takes as long as the test lasts, whatever it is given; a store waits for a moment."""
    monkeypatch.setattr(contents, "STORE_SECONDS", 0.2)
    over = threading.Event()
    yield lambda *_: over.wait()
    over.set()


async def test_while_the_disk_says_nothing_whatever_else_needs_a_thread_has_one(
    silence: Callable[..., object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(directory, "_opened", silence)
    store = DirectoryStore(tmp_path)
    answers = await asyncio.gather(*(store.open("ab", Span(0, 1)) for _ in range(THREADS + 1)), return_exceptions=True)

    assert {type(each) for each in answers} == {Unavailable}
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "there"), AT_MOST_SECONDS) == "there"


async def test_a_start_does_not_wait_for_it(
    silence: Callable[..., object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(receiving, "remove_abandoned", silence)
    of_one = ConcurrencyLimit("uploads", 1)
    starting = receiving.Receiving(DirectoryStore(tmp_path), UploadBounds(1, 1.0, 1.0, 1.0), 1, of_one).start()

    await asyncio.wait_for(starting, AT_MOST_SECONDS)
