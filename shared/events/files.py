"""What people upload. Stream: the user who uploads."""

from typing import ClassVar

from shared.events.domain_event import DomainEvent
from shared.identifiers import FileId


class FileUploaded(DomainEvent, frozen=True):
    """The actor uploaded a file: its content was kept, under its SHA-256, before this was recorded.

    `media_type` was read from the content, `name` is the uploader's; `size` is in bytes, `sha256` hexadecimal.
    """

    recorded_as: ClassVar[str] = "verbatim.file.uploaded.v1"
    file_id: FileId
    name: str
    media_type: str
    size: int
    sha256: str
