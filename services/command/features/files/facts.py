"""What is known of what somebody uploaded, and what other streams may ask of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decision, Known, Need, RowKey, RowKind, Stream, Unchanged
from shared.events.domain_event import Recorded
from shared.events.files import FileUploaded
from shared.identifiers import FileId, StreamId, StreamKind, UserId


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """Which of these files did this person upload? The result names them in `media_types`, each with its media type.

    What is missing there is unknown, or somebody else's. Nobody is refused an answer.
    """

    user_id: UserId
    file_ids: tuple[FileId, ...]

    @property
    def stream(self) -> Stream:
        """The person's."""
        return user_stream(self.user_id)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was uploaded; it never changes. `size` is in bytes, `sha256` hexadecimal."""

    name: str
    media_type: str
    size: int
    sha256: str


def user_stream(user_id: UserId) -> Stream:
    """The stream of who uploads."""
    return Stream(StreamKind.USERS, StreamId(user_id))


def _touched(recorded: Recorded) -> tuple[str, ...]:
    event = recorded.event
    return (event.file_id,) if isinstance(event, FileUploaded) else ()


def _uploaded(file: File | None, _: str, recorded: Recorded) -> File | None:
    event = recorded.event
    if isinstance(event, FileUploaded):
        return File(event.name, event.media_type, event.size, event.sha256)
    return file


FILE = RowKind("file", File, _touched, _uploaded)


def needs_of_own_files(question: OwnFiles, _: Known) -> Iterable[Need]:
    """The rows of these files."""
    return [RowKey(FILE, file_id) for file_id in question.file_ids]


def own_files(question: OwnFiles, known: Known, _: datetime) -> Decision:
    """Whatever has a row in the person's stream is theirs, also when they have left."""
    rows = {file_id: known.row(FILE, file_id) for file_id in question.file_ids}
    return Unchanged({"media_types": {file_id: file.media_type for file_id, file in rows.items() if file is not None}})
