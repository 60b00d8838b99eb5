"""What the routes about messages share: which message is meant, and what an attachment looks like."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from services.command.features.conversations.forms import InConversation
from services.command.files.names import FileName
from shared.events.messages import Attachment, AttachmentKind
from shared.identifiers import FileId
from shared.web.fields import HttpsUrl, Id, Sent, Whole

DURATION_LIMIT = 86_400
PIXELS_LIMIT = 100_000
SORT_ORDER_LIMIT = 1_000_000

Pixels = Annotated[int, Field(ge=1, le=PIXELS_LIMIT), Whole]


class OfMessage(InConversation):
    """Which message of which conversation."""

    message_id: Id


def _either_file_or_url(schema: dict[str, Any]) -> None:
    """Says in the schema what `NewAttachment` checks."""
    schema["oneOf"] = [
        {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}
        for one, other in (("file_id", "url"), ("url", "file_id"))
    ]


class NewAttachment(Sent):
    """What goes with a message: either a file that the sender has uploaded, or what is at an address."""

    model_config = ConfigDict(json_schema_extra=_either_file_or_url)

    kind: AttachmentKind
    file_id: Id | None = None
    url: HttpsUrl | None = None
    name: FileName | None = None
    duration: Annotated[float, Field(gt=0, le=DURATION_LIMIT, description="in seconds")] | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    sort_order: Annotated[int, Field(ge=0, le=SORT_ORDER_LIMIT), Whole] | None = Field(
        None, description="they are shown by it; where it is not given, it is the place in the list, from 0"
    )

    @model_validator(mode="after")
    def _is_in_one_place(self) -> "NewAttachment":
        if (self.file_id is None) == (self.url is None):
            raise ValueError("must have either file_id or url")
        return self

    def as_attached(self, place: int) -> Attachment:
        """As it is recorded; `place` is where it stands in the list."""
        return Attachment(
            self.kind,
            FileId(self.file_id) if self.file_id is not None else None,
            self.url,
            self.name,
            self.duration,
            self.width,
            self.height,
            place if self.sort_order is None else self.sort_order,
        )
