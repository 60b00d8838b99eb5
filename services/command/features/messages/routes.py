"""Sending, editing and unsending messages, and moving one's markers, over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonValue

from services.command.accounts.account import AGENTS
from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.feature import Feature
from services.command.features.conversations.forms import InConversation
from services.command.features.conversations.refusals import (
    REQUEST_MESSAGES_LIMIT,
    AgentIsUnknown,
    NothingHere,
    RequestIsDeclined,
    RequestIsPending,
)
from services.command.features.files.facts import OwnFiles
from services.command.features.messages.attaching import files_among
from services.command.features.messages.decider import (
    MESSAGES,
    EditMessage,
    MarkDelivered,
    MarkRead,
    SendMessage,
    UnsendMessage,
)
from services.command.features.messages.forms import NewAttachment, OfMessage
from services.command.features.messages.reacting_routes import REACTING_ROUTES
from services.command.features.messages.refusals import (
    AGENT_TEXT_LIMIT,
    MEDIA_LIMIT,
    AttachmentsDoNotFit,
    BeyondLastMessage,
    DurationIsMissing,
    FileIsOfAnotherKind,
    MessageIsUnsent,
    NoSuchFileOfYours,
    NoSuchMessage,
    OnlySenderMay,
    OnlySenderOrLeadersMay,
    RepliedToIsMissing,
    SharedPostIsMissing,
    TextIsBlank,
    TextIsTooLong,
)
from services.command.rate_limits import TooManyRequests
from shared.events.messages import Attachment, ContentType
from shared.identifiers import ConversationId, FileId, MessageId, UserId
from shared.web.fields import Id, Nothing, Sent, Whole
from shared.web.routes import Route

Text = Annotated[str, StringConstraints(max_length=AGENT_TEXT_LIMIT)]
"""As long as the longest that any conversation takes; what this one takes, and which may be blank, is for the decider
to say."""


def _example(number: int, content_type: ContentType, **more: Any) -> dict[str, Any]:
    return {"client_message_id": f"8d0f5a58-5a4e-4d0a-9c55-0a4b6a3f8f{number:02}", "content_type": content_type, **more}


IMAGE = {"kind": "image", "url": "https://example.org/lighthouse.jpg", "width": 1200, "height": 800}
VIDEO = {"kind": "video", "url": "https://example.org/tide.mp4", "duration": 12.5}
VOICE = {"kind": "voice", "url": "https://example.org/greeting.ogg", "duration": 3.2}
EXAMPLES: list[JsonValue] = [
    _example(1, "text", content="Shall we start?"),
    _example(2, "image", attachments=[IMAGE]),
    _example(3, "voice", attachments=[VOICE]),
    _example(4, "media", content="Two views of it", attachments=[IMAGE, VIDEO]),
    _example(5, "shared_post", shared_post_id="3b1f4e0a-7c11-4f1d-9a57-6f1d5f3e0f0c"),
]


class NewMessage(Sent):
    """Something to say. `client_message_id` is chosen by the sender: the same one again is the same message."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})
    client_message_id: Id
    content_type: ContentType = "text"
    content: Text | None = Field(None, description="null, and white space alone, is no text")
    reply_to_id: Id | None = None
    agent_id: Id | None = None
    attachments: list[NewAttachment] = Field([], max_length=MEDIA_LIMIT)
    shared_post_id: Id | None = None

    @property
    def attached(self) -> tuple[Attachment, ...]:
        """The attachments as they are recorded."""
        return tuple(each.as_attached(place) for place, each in enumerate(self.attachments))


class NewText(Sent):
    """What the message is to say instead; null: nothing, where it has something beside its text."""

    content: Text | None


class UpTo(Sent):
    """The number of the last message that is meant."""

    seq: Annotated[int, Field(ge=0), Whole]


class MessageAccepted(CommandAccepted, frozen=True, kw_only=True):
    """The message is there, with this number in its conversation."""

    message_id: str
    seq: int


class DeliveredAccepted(CommandAccepted, frozen=True, kw_only=True):
    """Where the marker is."""

    delivered_seq: int


class ReadAccepted(CommandAccepted, frozen=True, kw_only=True):
    """Where the marker is."""

    read_seq: int


async def send_message(asked: Asked[NewMessage, InConversation]) -> Accepted:
    """Sends a message."""
    asked.parts.rate_limits.take_send(asked.by)
    body, content, attachments = asked.body, asked.body.content or "", asked.body.attached
    agent_id = UserId(body.agent_id) if body.agent_id else None
    command = SendMessage(
        ConversationId(asked.path.conversation_id),
        content,
        body.client_message_id,
        MessageId(body.reply_to_id) if body.reply_to_id else None,
        agent_id,
        body.content_type,
        await asked.parts.accounts.unknown_among([agent_id], AGENTS) if agent_id else (),
        asked.parts.flag_policy.version_matched_by(content),
        "assistant" if asked.by_agent else "user",
        attachments,
        body.shared_post_id,
        await _own_among(files_among(attachments), asked),
    )
    return await asked.dispatch(command, key=body.client_message_id)


async def _own_among(file_ids: Sequence[FileId], asked: Asked[NewMessage, InConversation]) -> Mapping[FileId, str]:
    """Those that they have uploaded, with their media types. The decider refuses others: a repeat comes before that."""
    if not file_ids:
        return {}
    found: Mapping[FileId, str] = (await asked.ask(OwnFiles(asked.by, tuple(file_ids))))["media_types"]
    return found


async def edit_message(asked: Asked[NewText, OfMessage]) -> Accepted:
    """Replaces a message's text."""
    path, content = asked.path, asked.body.content or ""
    policy_version = asked.parts.flag_policy.version_matched_by(content)
    return await asked.dispatch(
        EditMessage(
            ConversationId(path.conversation_id), MessageId(path.message_id), content, policy_version=policy_version
        )
    )


async def unsend_message(asked: Asked[Nothing, OfMessage]) -> Accepted:
    """Withdraws a message."""
    path = asked.path
    return await asked.dispatch(UnsendMessage(ConversationId(path.conversation_id), MessageId(path.message_id)))


async def mark_delivered(asked: Asked[UpTo, InConversation]) -> Accepted:
    """Moves the marker of what has arrived."""
    return await asked.dispatch(MarkDelivered(ConversationId(asked.path.conversation_id), asked.body.seq))


async def mark_read(asked: Asked[UpTo, InConversation]) -> Accepted:
    """Moves the marker of what was read."""
    return await asked.dispatch(MarkRead(ConversationId(asked.path.conversation_id), asked.body.seq))


ROUTES = (
    Route(
        "POST",
        "/v1/conversations/{conversation_id}/messages",
        "Send a message",
        send_message,
        MessageAccepted,
        body=NewMessage,
        parameters=InConversation,
        refusals=(
            NothingHere,
            RequestIsPending,
            RequestIsDeclined,
            TextIsBlank,
            TextIsTooLong,
            AttachmentsDoNotFit,
            DurationIsMissing,
            NoSuchFileOfYours,
            FileIsOfAnotherKind,
            SharedPostIsMissing,
            RepliedToIsMissing,
            AgentIsUnknown,
            TooManyRequests,
        ),
        creates=True,
        description=(
            "A `text` has 1 to 4,000 characters, up to 100,000 in a conversation with an agent. An `image`, `file` or "
            "`voice` has exactly one attachment of that kind, `media` have 1 to "
            f"{MEDIA_LIMIT} of the kinds image and video, a `shared_post` has `shared_post_id`: beside them a text is "
            "optional. An attachment has either an `url` or the `file_id` of what the sender has uploaded; `duration` "
            "is in seconds, and a voice message must have it; they are shown by `sort_order`. "
            "`client_message_id` is the key under which it is sent once, however often it is asked. "
            "What an agent sends has the role `assistant`. "
            "A text with a word of the operator's list is flagged, as an edited one is: that stops nothing. "
            f"Whoever made a message request sends at most {REQUEST_MESSAGES_LIMIT} messages until it is accepted, and "
            "none once it is declined; whoever was asked accepts it by answering."
        ),
    ),
    Route(
        "PATCH",
        "/v1/conversations/{conversation_id}/messages/{message_id}",
        "Edit a message",
        edit_message,
        CommandAccepted,
        body=NewText,
        parameters=OfMessage,
        refusals=(NothingHere, NoSuchMessage, OnlySenderMay, MessageIsUnsent, TextIsBlank, TextIsTooLong),
        description=(
            "Only its sender may, and only the text changes: beside attachments, or a shared post, it may be taken "
            "away. What it said before is kept."
        ),
    ),
    Route(
        "POST",
        "/v1/conversations/{conversation_id}/messages/{message_id}/unsend",
        "Unsend a message",
        unsend_message,
        CommandAccepted,
        parameters=OfMessage,
        refusals=(NothingHere, NoSuchMessage, OnlySenderOrLeadersMay),
        description="Its sender may, and a group's owner and admins. Its place stays; nothing else of it is shown.",
    ),
    Route(
        "POST",
        "/v1/conversations/{conversation_id}/delivered",
        "Say how far messages have reached me",
        mark_delivered,
        DeliveredAccepted,
        body=UpTo,
        parameters=InConversation,
        refusals=(NothingHere, BeyondLastMessage),
        description="The marker only moves forward.",
    ),
    Route(
        "POST",
        "/v1/conversations/{conversation_id}/read",
        "Say how far I have read",
        mark_read,
        ReadAccepted,
        body=UpTo,
        parameters=InConversation,
        refusals=(NothingHere, BeyondLastMessage),
        description="The marker only moves forward, and takes the one of what was delivered with it.",
    ),
)

FEATURE = Feature("messages", deciders=(MESSAGES,), routes=(*ROUTES, *REACTING_ROUTES))
