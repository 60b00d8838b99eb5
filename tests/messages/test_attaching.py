"""What goes with a message, and who may read a file that does."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.command.deciding import Refusal
from services.command.features.conversations.refusals import NothingHere
from services.command.features.messages.attaching import ATTACHMENT
from services.command.features.messages.decider import EditMessage, ImportMessage, SendMessage
from services.command.features.messages.facts import MayReadFile
from services.command.features.messages.refusals import (
    AttachmentsDoNotFit,
    DurationIsMissing,
    FileIsOfAnotherKind,
    NoSuchFileOfYours,
    SharedPostIsMissing,
    TextIsBlank,
    TextIsTooLong,
)
from shared.events.conversations import ConversationCleared, ConversationDeleted, ParticipantAdded, ParticipantLeft
from shared.events.domain_event import Recorded
from shared.events.messages import Attachment, AttachmentKind, ContentType, MessageEdited, MessageSent, MessageUnsent
from shared.identifiers import FileId, MessageId, UserId, derived_id
from shared.log.records import Claim, encode_record
from tests.conversations.examples import ANN, BEN, CREW, CY, DOT, a_group, nothing_yet
from tests.messages.examples import FIRST, MISSING, SECOND, said, saying, where_said
from tests.specs.deciding import NOON, Outcome, Scene

SHELL, TIDES = FileId(derived_id("file", "shell")), FileId(derived_id("file", "tides"))
POST = derived_id("post", "the regatta")


def image(number: int = 0, **more: Any) -> Attachment:
    return Attachment("image", url=f"https://media.example/{number}", **more)


def video(number: int = 0) -> Attachment:
    return Attachment("video", url=f"https://media.example/{number}")


def voice(duration: float | None = 2.5) -> Attachment:
    return Attachment("voice", url="https://media.example/voice", duration=duration)


def document() -> Attachment:
    return Attachment("file", url="https://media.example/tides.pdf", name="tides.pdf")


def sending(content_type: ContentType, *attachments: Attachment, content: str = "", **more: Any) -> SendMessage:
    return replace(saying(content), content_type=content_type, attachments=attachments, **more)


def sent(content_type: ContentType, *attachments: Attachment, content: str = "", seq: int = 1) -> MessageSent:
    return MessageSent(seq, content, "client-1", content_type, attachments=attachments)


def refused_at(outcome: Outcome) -> tuple[int, str | None]:
    assert isinstance(outcome.decision, Refusal)
    return outcome.decision.status, outcome.decision.points_at


# Which attachments there are


@pytest.mark.parametrize(
    ("content_type", "attachments"),
    [
        ("image", [image()]),
        ("file", [document()]),
        ("voice", [voice()]),
        ("media", [image()]),
        ("media", [video()]),
        ("media", [image(1), video(2), image(3)]),
        ("media", [image(number) for number in range(10)]),
    ],
)
def test_a_message_has_what_its_type_says(content_type: ContentType, attachments: Sequence[Attachment]) -> None:
    a_group().when(sending(content_type, *attachments), by=ANN).then(sent(content_type, *attachments))


@pytest.mark.parametrize(
    ("content_type", "attachments"),
    [
        ("text", [image()]),
        ("image", []),
        ("image", [image(1), image(2)]),
        ("image", [video()]),
        ("file", []),
        ("file", [document(), document()]),
        ("file", [image()]),
        ("voice", []),
        ("voice", [voice(), voice()]),
        ("voice", [video()]),
        ("media", []),
        ("media", [image(number) for number in range(11)]),
        ("media", [image(), document()]),
        ("media", [image(), voice()]),
    ],
)
def test_a_message_has_nothing_else(content_type: ContentType, attachments: Sequence[Attachment]) -> None:
    outcome = a_group().when(sending(content_type, *attachments, content="Look"), by=ANN)
    outcome.then_refused(AttachmentsDoNotFit)
    assert refused_at(outcome) == (422, "/attachments")


def test_a_shared_post_has_no_attachments() -> None:
    shared = sending("shared_post", image(), shared_post_id=POST)
    a_group().when(shared, by=ANN).then_refused(AttachmentsDoNotFit)


def test_a_voice_message_says_how_long_it_takes() -> None:
    outcome = a_group().when(sending("voice", voice(None)), by=ANN)
    outcome.then_refused(DurationIsMissing)
    assert refused_at(outcome) == (422, "/attachments/0/duration")


def test_attachments_are_recorded_in_the_order_in_which_they_are_shown() -> None:
    last, first, second = image(1, sort_order=9), image(2, sort_order=0), image(3, sort_order=0)
    a_group().when(sending("media", last, first, second), by=ANN).then(sent("media", first, second, last))


def test_a_shared_post_names_the_post_and_nothing_else_does() -> None:
    a_group().when(sending("shared_post", shared_post_id=POST), by=ANN).then(
        MessageSent(1, "", "client-1", "shared_post", shared_post_id=POST)
    )
    for wrong in (
        sending("shared_post", content="Look"),
        sending("text", content="Look", shared_post_id=POST),
        sending("image", image(), shared_post_id=POST),
    ):
        outcome = a_group().when(wrong, by=ANN)
        outcome.then_refused(SharedPostIsMissing)
        assert refused_at(outcome) == (422, "/shared_post_id")


# The text beside them


def test_a_text_beside_attachments_has_a_texts_limits() -> None:
    a_group().when(sending("image", image(), content="x" * 4_000), by=ANN).then(
        sent("image", image(), content="x" * 4_000)
    )
    a_group().when(sending("image", image(), content="x" * 4_001), by=ANN).then_refused(TextIsTooLong)


@pytest.mark.parametrize("blank", ["", " ", "\n\t\u2003"])
def test_white_space_alone_beside_attachments_is_no_text(blank: str) -> None:
    a_group().when(sending("image", image(), content=blank), by=ANN).then(sent("image", image()))
    a_group().when(sending("text", content=blank), by=ANN).then_refused(TextIsBlank)


def test_the_text_beside_attachments_is_changed_and_taken_away_and_the_attachments_stay() -> None:
    scene = a_group().happened(BEN, sent("image", image(), content="A shell"), command_id=FIRST)
    scene = scene.when(EditMessage(CREW, FIRST, "A snail"), by=BEN).then(MessageEdited(FIRST, "A snail"))
    scene = scene.when(EditMessage(CREW, FIRST, " \n"), by=BEN).then(MessageEdited(FIRST, ""))
    scene = scene.when(EditMessage(CREW, FIRST, "\t"), by=BEN).then_nothing_happens()
    scene.when(EditMessage(CREW, FIRST, "A shell"), by=BEN).then(MessageEdited(FIRST, "A shell"))


def test_the_text_beside_a_shared_post_may_be_taken_away_and_a_text_alone_may_not() -> None:
    shared = MessageSent(1, "Look", "client-1", "shared_post", shared_post_id=POST)
    a_group().happened(BEN, shared, command_id=FIRST).when(EditMessage(CREW, FIRST, ""), by=BEN).then(
        MessageEdited(FIRST, "")
    )
    edited = where_said(a_group(), BEN).happened(BEN, MessageEdited(FIRST, "Hello!"))
    edited.when(EditMessage(CREW, FIRST, ""), by=BEN).then_refused(TextIsBlank)


# Files


def test_a_file_is_attached_by_who_uploaded_it() -> None:
    shell = Attachment("image", SHELL)
    a_group().when(sending("image", shell, media_types={SHELL: "image/png"}), by=ANN).then(sent("image", shell))


def test_nobody_attaches_a_file_that_is_unknown_or_anothers() -> None:
    media = sending("media", image(), Attachment("image", SHELL), media_types={TIDES: "image/png"})
    outcome = a_group().when(media, by=ANN)
    outcome.then_refused(NoSuchFileOfYours)
    assert refused_at(outcome) == (422, "/attachments/1/file_id")


FITTING: list[tuple[AttachmentKind, str]] = [
    ("image", "image/png"),
    ("video", "video/mp4"),
    ("voice", "audio/ogg"),
    ("voice", "video/webm"),
    ("file", "application/pdf"),
    ("file", "image/png"),
    ("image", "application/octet-stream"),
    ("voice", "text/plain"),
]
WRONG: list[tuple[AttachmentKind, str]] = [
    ("image", "video/mp4"),
    ("image", "application/pdf"),
    ("video", "image/gif"),
    ("video", "text/html"),
    ("voice", "image/png"),
]


def of_kind(kind: AttachmentKind, media_type: str) -> SendMessage:
    content_type: ContentType = "media" if kind == "video" else kind
    return sending(content_type, Attachment(kind, SHELL, duration=1.0), media_types={SHELL: media_type})


@pytest.mark.parametrize(("kind", "media_type"), FITTING)
def test_a_file_may_be_what_its_content_may_be(kind: AttachmentKind, media_type: str) -> None:
    command = of_kind(kind, media_type)
    a_group().when(command, by=ANN).then(sent(command.content_type, *command.attachments))


@pytest.mark.parametrize(("kind", "media_type"), WRONG)
def test_a_file_is_not_what_its_content_is_not(kind: AttachmentKind, media_type: str) -> None:
    outcome = a_group().when(of_kind(kind, media_type), by=ANN)
    outcome.then_refused(FileIsOfAnotherKind)
    assert refused_at(outcome) == (422, "/attachments/0/kind")


# Importing


def test_an_import_brings_what_is_elsewhere_and_no_file_of_anybody() -> None:
    importing = ImportMessage(CREW, "", "client-1", NOON, content_type="file", attachments=(document(),))
    a_group().when(importing, by=BEN).then(
        MessageSent(1, "", "client-1", "file", occurred_at=NOON, attachments=(document(),))
    )
    a_group().when(replace(importing, attachments=(Attachment("file", TIDES),)), by=BEN).then_refused(NoSuchFileOfYours)


def test_an_imported_text_that_was_taken_away_beside_attachments_is_known_to_have_been_edited() -> None:
    importing = ImportMessage(CREW, "", "client-1", NOON, edited_at=NOON, content_type="image", attachments=(image(),))
    a_group().when(importing, by=BEN, command_id=FIRST).then(
        MessageSent(1, "", "client-1", "image", occurred_at=NOON, attachments=(image(),)),
        MessageEdited(FIRST, "", NOON),
    )


# Who may read a file


def where_shown(seq: int = 1, message_id: MessageId = FIRST, scene: Scene | None = None) -> Scene:
    """Ben has shown the shell in Ann's group."""
    shown = MessageSent(seq, "", "client-1", "image", attachments=(Attachment("image", SHELL),))
    return (scene or a_group()).happened(BEN, shown, command_id=message_id)


def reading(*message_ids: MessageId, who: UserId = CY, file_id: FileId = SHELL) -> MayReadFile:
    return MayReadFile(CREW, file_id, message_ids or (FIRST,), who)


@pytest.mark.parametrize("who", [ANN, BEN, CY])
def test_whoever_may_read_the_message_may_read_its_file(who: UserId) -> None:
    where_shown().when(reading(who=who), by=who).then_nothing_happens()


def test_a_new_member_may_read_the_files_of_before() -> None:
    where_shown().happened(ANN, ParticipantAdded(DOT, 1)).when(reading(who=DOT), by=DOT).then_nothing_happens()


def test_nobody_reads_a_file_of_where_they_are_not() -> None:
    where_shown().when(reading(who=DOT), by=DOT).then_refused(NothingHere)
    where_shown().happened(CY, ParticipantLeft()).when(reading(), by=CY).then_refused(NothingHere)
    where_shown().happened(ANN, ConversationDeleted()).when(reading(who=ANN), by=ANN).then_refused(NothingHere)
    nothing_yet().when(reading(), by=CY).then_refused(NothingHere)


def test_a_file_is_read_only_with_a_message_that_has_it() -> None:
    scene = where_said(where_shown(), ANN, message_id=SECOND)
    for asked in (reading(SECOND), reading(MISSING), reading(file_id=TIDES), replace(reading(), message_ids=())):
        scene.when(asked, by=CY).then_refused(NothingHere)
    scene.when(reading(MISSING, SECOND, FIRST), by=CY).then_nothing_happens()


def test_of_an_unsent_message_no_file_is_read() -> None:
    unsent = where_shown().happened(BEN, MessageUnsent(FIRST))
    for who in (ANN, BEN, CY):
        unsent.when(reading(who=who), by=who).then_refused(NothingHere)
    again = where_shown(2, SECOND, unsent)
    again.when(reading(FIRST, SECOND), by=CY).then_nothing_happens()


def test_whoever_cleared_the_message_does_not_read_its_file() -> None:
    cleared = where_shown().happened(CY, ConversationCleared(1))
    cleared.when(reading(), by=CY).then_refused(NothingHere)
    cleared.when(reading(who=ANN), by=ANN).then_nothing_happens()
    where_shown(2, SECOND, cleared).when(reading(FIRST, SECOND), by=CY).then_nothing_happens()


def test_a_file_that_is_attached_twice_is_known_once() -> None:
    twice = sent("media", Attachment("image", SHELL), Attachment("image", SHELL), image())
    scene = a_group().happened(BEN, twice, command_id=FIRST)
    kept = [key for (_, kind, key), row in scene.copy.rows.items() if kind == ATTACHMENT.name and row.value]
    assert kept == [f"{SHELL} {FIRST}"]


# The record


def test_what_nothing_goes_with_takes_no_more_room_in_the_log() -> None:
    def data_of(event: MessageSent) -> Any:
        scene = a_group().happened(ANN, event)
        recorded: Recorded = scene.events[-1]
        return json.loads(encode_record(recorded, Claim(0, 0)))["data"]

    assert data_of(said("Hello")) == {"seq": 1, "content": "Hello", "client_message_id": "client-1"}
    assert data_of(sent("image", Attachment("image", SHELL))) == {
        "seq": 1,
        "content": "",
        "client_message_id": "client-1",
        "content_type": "image",
        "attachments": [{"kind": "image", "file_id": SHELL}],
    }
