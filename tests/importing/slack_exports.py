"""Exports of Slack that specs read: the sample, small ones of their own, and a real one where there is one."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.operator.importing.archives import Archive, Message

SAMPLE = Path(__file__).parents[1] / "samples" / "slack"
REAL_DATA = os.environ.get("VERBATIM_DATA")
CHANNELS = [{"id": "C1", "name": "harbour", "creator": "UANN", "created": "1400000000"}]
ENTRY = {"type": "message", "user": "UANN", "text": "Hello.", "ts": "1400000010.000001"}
FILE = {"name": "a.png", "mimetype": "image/png", "url_private": "https://files.example.org/a.png"}
SAID = {None, "file_share", "file_comment", "bot_message"}
EXPORTS = pytest.mark.parametrize(
    "export", [SAMPLE, *([Path(REAL_DATA) / "houstondatavis-slack"] if REAL_DATA else [])], ids=str
)


def export_of(folder: Path, *entries: Any, channels: Any = CHANNELS, users: Any = None) -> Path:
    """An export of one channel and one day, made in this folder."""
    (folder / "harbour").mkdir(exist_ok=True)
    (folder / "harbour" / "2014-05-13.json").write_text(json.dumps(entries))
    (folder / "channels.json").write_text(json.dumps(channels))
    if users is not None:
        (folder / "users.json").write_text(json.dumps(users))
    return folder


def said(archive: Archive) -> list[Message]:
    """Every message, room by room."""
    return [message for room in archive.rooms for message in archive.messages_of(room)]


def entries_in(export: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A plain reading: the entries that somebody said, with the names of their folders."""
    for folder in export.iterdir():
        for file in folder.glob("*.json"):
            yield from ((folder.name, entry) for entry in json.loads(file.read_text()) if entry.get("subtype") in SAID)
