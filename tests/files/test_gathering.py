"""What comes is gathered in a file of its own, and nothing of it stays behind."""

import os
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from services.command.files.gathering import ABANDONED_SECONDS, BLOCK_BYTES, HEAD_BYTES, gathered, remove_abandoned
from shared.web.problems import TooLarge, Unavailable


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for each in content:
        yield each


@pytest.mark.parametrize("sizes", [(), (0,), (1, 2, 3), (BLOCK_BYTES,), (BLOCK_BYTES - 1, 2, BLOCK_BYTES * 2)])
async def test_all_that_came_is_in_the_file_and_described(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    content = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    whole = b"".join(content)
    async with gathered(pieces(*content), tmp_path / "incoming") as found:
        assert found.path.read_bytes() == whole
        assert (found.size, found.sha256) == (len(whole), sha256(whole).hexdigest())
        assert found.head == whole[:HEAD_BYTES]
        assert found.path.stat().st_mode & 0o077 == 0  # nobody else's to read
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_what_ends_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    async def too_much() -> AsyncIterator[bytes]:
        yield bytes(BLOCK_BYTES)
        raise TooLarge

    with pytest.raises(TooLarge):
        async with gathered(too_much(), tmp_path):
            pass
    assert not any(os.scandir(tmp_path))


async def test_a_folder_that_cannot_be_used_is_said_to_be_away(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable):
        async with gathered(pieces(b"a"), tmp_path / "file" / "incoming"):
            pass


def test_what_a_process_left_that_is_long_gone_is_removed(tmp_path: Path) -> None:
    for name, age in (("old", ABANDONED_SECONDS + 60), ("new", 0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)

    remove_abandoned(tmp_path)
    remove_abandoned(tmp_path / "not there yet")

    assert [each.name for each in tmp_path.iterdir()] == ["new"]
