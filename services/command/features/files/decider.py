"""What may be asked about what somebody uploads. Stream: the user."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decider, Decision, Known, Need, Result, RowKey, Rule, Stream
from services.command.features.files.facts import FILE, File, OwnFiles, needs_of_own_files, own_files, user_stream
from services.command.features.people.decider import unless_deactivated
from shared.events.domain_event import Recorded
from shared.events.files import FileUploaded
from shared.identifiers import FileId, StreamKind, UserId


@dataclass(frozen=True, slots=True)
class UploadFile:
    """Records a file whose content is in the store. The command's id is the file's."""

    user_id: UserId
    file: File

    @property
    def stream(self) -> Stream:
        """The uploader's."""
        return user_stream(self.user_id)


def needs_of_uploading(_: UploadFile, known: Known) -> Iterable[Need]:
    """The new file's row."""
    return [RowKey(FILE, known.command_id)]


def upload_file(command: UploadFile, known: Known, _: datetime) -> Decision:
    """One more file; the same content again is another file of its own."""
    file = command.file
    return [FileUploaded(FileId(known.command_id), file.name, file.media_type, file.size, file.sha256)]


def result(recorded: Recorded) -> Result:
    """What the command that led to this event is answered."""
    event = recorded.event
    return {"file_id": event.file_id} if isinstance(event, FileUploaded) else {}


FILES: Decider[None] = Decider(
    name="files",
    kind=StreamKind.USERS,
    state=type(None),
    empty=None,
    evolve=lambda state, _: state,
    rules=(
        Rule(UploadFile, unless_deactivated(upload_file), needs_of_uploading),
        Rule(OwnFiles, own_files, needs_of_own_files),
    ),
    rows=(FILE,),
    result=result,
)
