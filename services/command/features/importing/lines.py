"""The lines that an import posts, read one by one: one that cannot be read spoils no other."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from pydantic import Field, StringConstraints, ValidationError

from services.command.features.conversations.refusals import GROUP_TITLE_LIMIT
from services.command.features.importing.answers import Answer, refused, refused_as
from services.command.features.messages.forms import NewAttachment
from services.command.features.messages.refusals import MEDIA_LIMIT, TEXT_LIMIT, TextIsBlank, TextIsTooLong
from shared.events.messages import ContentType, ReactionKind
from shared.identifiers import ConversationId, MessageId, UserId, imported_id
from shared.web.bodies import check_json, field_errors
from shared.web.fields import Explained, Moment, NotBlank, Sent
from shared.web.problems import FieldError, InvalidContent, Problem, TooLarge

LINES_LIMIT = 1_000

id_of = lru_cache(maxsize=8 * LINES_LIMIT)(imported_id)  # a post names the same room and people over and over

Source = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9-]{1,40}$"),
    Explained("must be 1 to 40 of the letters a to z, the digits and -, as zulip"),
]
SourceId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


Content = Annotated[
    str, Field(description="empty only beside attachments", json_schema_extra={"maxLength": TEXT_LIMIT})
]
"""Its limits are those of any message's text: they are checked apart, so that what is refused has a message's codes."""


class PersonLine(Sent):
    """Somebody who is named in an archive."""

    kind: Literal["person"]
    source: Source
    source_id: SourceId
    name: Annotated[str, StringConstraints(min_length=1, max_length=100), NotBlank]

    @property
    def user_id(self) -> UserId:
        """Who they are here."""
        return UserId(id_of(self.source, self.source_id))


class ConversationLine(Sent):
    """A room, which becomes a group that `started_by` started."""

    kind: Literal["conversation"]
    source: Source
    source_id: SourceId
    title: Annotated[str, StringConstraints(min_length=1, max_length=GROUP_TITLE_LIMIT), NotBlank]
    started_by: SourceId
    occurred_at: Moment

    @property
    def conversation_id(self) -> ConversationId:
        """The conversation that it becomes."""
        return ConversationId(id_of(self.source, self.source_id))

    @property
    def actor(self) -> UserId:
        """Who started it."""
        return UserId(id_of(self.source, self.started_by))


class MessageLine(Sent):
    """Something that was said in a room. `edited_at`: since when it has had this text, if it had another before.

    Its attachments are at addresses: nobody has uploaded them here.
    """

    kind: Literal["message"]
    source: Source
    source_id: SourceId
    conversation: SourceId
    sender: SourceId
    content: Content
    occurred_at: Moment
    reply_to: SourceId | None = None
    edited_at: Moment | None = None
    content_type: ContentType = "text"
    attachments: list[NewAttachment] = Field([], max_length=MEDIA_LIMIT)

    @property
    def message_id(self) -> MessageId:
        """The message that it becomes, which is also the id of the command."""
        return MessageId(id_of(self.source, self.source_id))

    @property
    def conversation_id(self) -> ConversationId:
        """Where it was said."""
        return ConversationId(id_of(self.source, self.conversation))

    @property
    def actor(self) -> UserId:
        """Who said it."""
        return UserId(id_of(self.source, self.sender))

    @property
    def identity(self) -> str:
        """What a second line must equal to be the same one; what came later to the form counts where it is given."""
        later = {"edited_at": self.edited_at, "content_type": self.attachments, "attachments": self.attachments}
        return self.model_dump_json(exclude={name for name, given in later.items() if not given})

    @property
    def reply_to_id(self) -> MessageId | None:
        """What it answers."""
        return None if self.reply_to is None else MessageId(id_of(self.source, self.reply_to))


class ReactionLine(Sent):
    """How somebody reacted to a message, which was sent at `occurred_at`. Of several of theirs the last counts."""

    kind: Literal["reaction"]
    source: Source
    conversation: SourceId
    message: SourceId
    sender: SourceId
    reaction: ReactionKind
    occurred_at: Moment

    @property
    def conversation_id(self) -> ConversationId:
        """Where the message was said."""
        return ConversationId(id_of(self.source, self.conversation))

    @property
    def message_id(self) -> MessageId:
        """What they reacted to."""
        return MessageId(id_of(self.source, self.message))

    @property
    def actor(self) -> UserId:
        """Who reacted."""
        return UserId(id_of(self.source, self.sender))


Line = PersonLine | ConversationLine | MessageLine | ReactionLine

KINDS: Mapping[str, type[Line]] = {
    "person": PersonLine,
    "conversation": ConversationLine,
    "message": MessageLine,
    "reaction": ReactionLine,
}


class _Kind(msgspec.Struct):
    kind: str = ""


def read_lines(raw: bytes) -> list[Line | Answer]:
    """Each line, or why it is refused, in their order. Raises TooLarge when there are more than the limit."""
    lines = raw.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if len(lines) > LINES_LIMIT:
        raise TooLarge(f"a post may have at most {LINES_LIMIT} lines")
    return [read_line(line) for line in lines]


def read_line(raw: bytes) -> Line | Answer:
    """The line, or why it is refused."""
    try:
        check_json(raw)
        line = _kind_of(raw).model_validate_json(raw)
    except Problem as problem:
        return refused(problem)
    except ValidationError as error:
        return refused(InvalidContent(errors=field_errors(error)))
    return _refusal_of_text(line) or line


def _kind_of(raw: bytes) -> type[Line]:
    try:
        return KINDS[msgspec.json.decode(raw, type=_Kind).kind]
    except (msgspec.ValidationError, KeyError):
        raise InvalidContent(errors=[FieldError("/kind", f"must be one of {', '.join(KINDS)}")]) from None


def _refusal_of_text(line: Line) -> Answer | None:
    """The limits of a message's text, checked before any of it is sent: what follows it need not wait for it."""
    match line:
        case MessageLine(content=content, attachments=[]) if not content.strip():
            return refused_as(TextIsBlank)
        case MessageLine(content=content) if len(content) > TEXT_LIMIT:
            return refused_as(TextIsTooLong)
        case _:
            return None
