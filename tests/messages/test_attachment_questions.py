"""How messages with attachments look to whoever may read them."""

from typing import Any

from shared.events.conversations import ConversationDeleted, ParticipantLeft
from shared.events.files import FileUploaded
from shared.events.messages import Attachment, MessageEdited, MessageUnsent
from shared.identifiers import FileId, UserId, derived_id
from tests.fixtures.read_tables import ReadTables
from tests.messages.crew import ADA, BOB, CREW, SHELL, a_crew, said, the

TIDES = FileId(derived_id("file", "tides"))
POST = derived_id("post", "the regatta")
NOTHING = dict.fromkeys(("file_id", "url", "name", "duration", "width", "height"))


def shown(seq: int, *attachments: Attachment, content: str = "", content_type: str = "image", **more: Any) -> Any:
    return said(seq, content, content_type=content_type, attachments=attachments, **more)


async def uploaded(read_tables: ReadTables, file_id: FileId, name: str) -> None:
    await read_tables.happened(ADA, ADA, FileUploaded(file_id, name, "image/png", 67, "0" * 64))


async def test_what_goes_with_a_message_is_seen_in_its_order_by_everybody(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    video = Attachment("video", url="https://media.example/1", name="race", duration=9.5, sort_order=4)
    sent = await read_tables.happened(
        CREW, ADA, shown(1, Attachment("image", SHELL, width=8, height=6), video, content="Look", content_type="media")
    )
    plain = await read_tables.happened(CREW, ADA, said(2))

    for by in (ADA, BOB):
        seen = await the(read_tables, sent, by)
        assert (seen["content_type"], seen["content"], seen["shared_post_id"]) == ("media", "Look", None)
        assert seen["attachments"] == [
            NOTHING | {"kind": "image", "file_id": SHELL, "width": 8, "height": 6, "sort_order": 0},
            NOTHING
            | {"kind": "video", "url": "https://media.example/1", "name": "race", "duration": 9.5, "sort_order": 4},
        ]
        page = await read_tables.answer(by, f"/conversations/{CREW}/messages", after_seq=0)
        assert page["items"] == [seen, await the(read_tables, plain, by)]
        assert page["items"][1]["attachments"] == []


async def test_an_attached_file_has_the_name_that_its_sender_gave_it_or_its_own(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    named = Attachment("image", SHELL, name="a shell")
    sent = await read_tables.happened(
        CREW, ADA, shown(1, named, Attachment("image", SHELL), Attachment("image", TIDES), content_type="media")
    )
    await uploaded(read_tables, SHELL, "IMG_0001.png")

    seen = await the(read_tables, sent)
    assert [each["name"] for each in seen["attachments"]] == ["a shell", "IMG_0001.png", None]


async def test_a_shared_post_is_seen(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    sent = await read_tables.happened(CREW, ADA, said(1, "", content_type="shared_post", shared_post_id=POST))

    seen = await the(read_tables, sent, BOB)
    assert (seen["content_type"], seen["content"], seen["shared_post_id"]) == ("shared_post", "", POST)
    assert seen["attachments"] == []


async def previews(read_tables: ReadTables, by: UserId, reply: str) -> tuple[str, str]:
    """Of what was replied to, and of the last message in the list of conversations."""
    [conversation] = (await read_tables.answer(by, "/conversations"))["items"]
    return (await the(read_tables, reply, by))["reply_to"]["preview"], conversation["last_message"]["preview"]


async def test_what_has_no_text_is_previewed_by_what_it_is(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    shell, voice = Attachment("image", SHELL), Attachment("voice", TIDES, duration=2.0)
    first = await read_tables.happened(CREW, ADA, shown(1, shell, content="A shell"))
    reply = await read_tables.happened(CREW, BOB, shown(2, voice, content_type="voice", reply_to_id=first))

    assert await previews(read_tables, BOB, reply) == ("A shell", "voice")
    await read_tables.happened(CREW, ADA, MessageEdited(first, ""))
    assert await previews(read_tables, BOB, reply) == ("image", "voice")
    seen, texts = await the(read_tables, first), f"/conversations/{CREW}/messages/{first}/edits"
    assert (seen["content"], seen["unsent"], len(seen["attachments"])) == ("", False, 1)
    assert [each["content"] for each in (await read_tables.answer(BOB, texts))["items"]] == ["A shell", ""]
    await read_tables.happened(CREW, BOB, MessageUnsent(reply))
    await read_tables.happened(CREW, ADA, MessageUnsent(first))
    [conversation] = (await read_tables.answer(BOB, "/conversations"))["items"]
    assert conversation["last_message"]["preview"] == "unsent"


async def test_of_an_unsent_message_no_attachment_is_seen_anywhere(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    canary = Attachment("image", url="https://canary.example/1", name="canary")
    sent = await read_tables.happened(CREW, ADA, shown(1, canary, Attachment("image", SHELL), content="canary"))
    post = await read_tables.happened(CREW, ADA, said(2, "", content_type="shared_post", shared_post_id=POST))
    reply = await read_tables.happened(CREW, BOB, said(3, "What was it?", reply_to_id=sent))
    for message in (sent, post):
        await read_tables.happened(CREW, ADA, MessageUnsent(message))

    for by in (ADA, BOB):
        seen = await the(read_tables, sent, by)
        assert (seen["content"], seen["attachments"], seen["unsent"]) == (None, [], True)
        assert (await the(read_tables, post, by))["shared_post_id"] is None
        everywhere = [
            seen,
            await the(read_tables, reply, by),
            await read_tables.answer(by, f"/conversations/{CREW}/messages"),
            await read_tables.answer(by, f"/conversations/{CREW}/messages/{sent}/edits"),
            await read_tables.answer(by, "/conversations"),
            await read_tables.answer(by, "/messages/search", q="canary"),
        ]
        assert not any(secret in str(everywhere) for secret in ("canary", SHELL, POST))


async def test_only_the_text_beside_attachments_is_searched(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    named = Attachment("file", TIDES, name="almanac")
    worded = await read_tables.happened(CREW, ADA, shown(1, named, content="The tides", content_type="file"))
    await read_tables.happened(CREW, ADA, shown(2, named, content_type="file"))

    async def found(words: str) -> list[str]:
        return [each["message_id"] for each in (await read_tables.answer(BOB, "/messages/search", q=words))["items"]]

    assert await found("tides") == [worded]
    assert await found("almanac") == await found("file") == []


async def test_what_has_no_text_counts_as_unread_too(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await read_tables.happened(CREW, ADA, shown(1, Attachment("image", SHELL)))

    assert (await read_tables.answer(BOB, f"/conversations/{CREW}/unread"))["count"] == 1


async def test_of_a_deleted_conversation_no_attachment_is_left(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await read_tables.happened(CREW, ADA, shown(1, Attachment("image", SHELL)))
    await read_tables.happened(CREW, ADA, ConversationDeleted())

    assert await read_tables.rows("message_attachments") == []


async def test_whoever_left_is_shown_no_attachment(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    sent = await read_tables.happened(CREW, ADA, shown(1, Attachment("image", SHELL)))
    await read_tables.happened(CREW, BOB, ParticipantLeft())

    assert (await read_tables.ask(BOB, f"/conversations/{CREW}/messages/{sent}"))[0] == 404
