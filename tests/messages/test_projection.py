"""What the tables hold of messages, their earlier texts and how far they were read, after what happened."""

from datetime import UTC, datetime

from shared.events.domain_event import Recorded
from shared.events.messages import (
    MessageEdited,
    MessagesDelivered,
    MessagesRead,
    MessageUnsent,
    ReactionRemoved,
    ReactionSet,
    SystemMessageSent,
)
from shared.identifiers import MessageId, derived_id
from tests.fixtures.read_tables import ReadTables, at, batch
from tests.messages.crew import ADA, BOB, CREW, CY, MEDIA, ROBOT, SHELL, said

LONG_AGO = datetime(2015, 5, 1, 9, 30, tzinfo=UTC)
NOTICE = MessageId(derived_id("notice"))


def its_id(recorded: list[Recorded]) -> MessageId:
    return MessageId(recorded[0].command_id)


async def test_a_message_is_there_as_it_was_sent(read_tables: ReadTables) -> None:
    first = await read_tables.happened(CREW, ADA, said(1, "  zwölf\u200d \U0001f469\u200d\U0001f680\n"))
    reply = await read_tables.happened(
        CREW, ROBOT, said(2, "*beep*", reply_to_id=first, role="assistant", agent_id=ROBOT, occurred_at=LONG_AGO)
    )

    nothing = dict.fromkeys(("notice", "about_id", "notice_title", "notice_role", "edited_at", "shared_post_id"))
    assert await read_tables.row("messages", message_id=first) == nothing | {
        "message_id": first, "conversation_id": CREW, "seq": 1, "sender_id": ADA, "role": "user",
        "client_message_id": derived_id("client", "1"), "content_type": "text",
        "content": "  zwölf\u200d \U0001f469\u200d\U0001f680\n", "reply_to_id": None, "agent_id": None,
        "created_at": at(1), "occurred_at": None, "updated_at": at(1), "unsent": False, "flagged": False,
    }  # fmt: skip
    assert await read_tables.row("messages", message_id=reply) == nothing | {
        "message_id": reply, "conversation_id": CREW, "seq": 2, "sender_id": ROBOT, "role": "assistant",
        "client_message_id": derived_id("client", "2"), "content_type": "text", "content": "*beep*",
        "reply_to_id": first, "agent_id": ROBOT,
        "created_at": at(2), "occurred_at": LONG_AGO, "updated_at": at(2), "unsent": False, "flagged": False,
    }  # fmt: skip


async def test_a_system_message_keeps_what_its_sentence_is_made_of(read_tables: ReadTables) -> None:
    await read_tables.happened(
        CREW, ADA, SystemMessageSent(NOTICE, 1, "role_changed", about_id=BOB, title=None, role="admin")
    )
    other = MessageId(derived_id("other notice"))
    await read_tables.happened(CREW, ADA, SystemMessageSent(other, 2, "renamed", title="Crew"))

    row, renamed = await read_tables.row("messages", message_id=NOTICE), await read_tables.row("messages", seq=2)
    assert row is not None
    assert (row["role"], row["content"], row["content_type"], row["sender_id"]) == ("system", None, "text", ADA)
    assert (row["notice"], row["about_id"], row["notice_title"], row["notice_role"]) == (
        "role_changed", BOB, None, "admin"
    )  # fmt: skip
    assert renamed is not None
    assert (renamed["message_id"], renamed["notice"], renamed["notice_title"]) == (other, "renamed", "Crew")


async def test_an_edited_message_keeps_every_text_it_had(read_tables: ReadTables) -> None:
    sent = read_tables.recorded(CREW, ADA, said(1, "one"))
    edited = read_tables.recorded(CREW, ADA, MessageEdited(its_id(sent), "two"), MessageEdited(its_id(sent), "three"))
    await read_tables.project(*sent, *edited)
    await read_tables.happened(CREW, ADA, MessageEdited(its_id(sent), "four", occurred_at=LONG_AGO))

    row = await read_tables.row("messages", message_id=its_id(sent))
    assert row is not None
    assert (row["content"], row["edited_at"], row["updated_at"]) == ("four", LONG_AGO, at(3))
    texts = sorted(await read_tables.rows("message_edits"), key=lambda edit: edit["version"])
    assert [(edit["version"], edit["content"], edit["edited_at"]) for edit in texts] == [
        (0, "one", at(1)),
        (2, "two", at(2)),
        (3, "three", at(2)),
        (4, "four", LONG_AGO),
    ]


async def test_the_first_text_of_a_message_from_elsewhere_is_as_old_as_the_message(read_tables: ReadTables) -> None:
    sent = await read_tables.happened(CREW, ADA, said(1, "one", occurred_at=LONG_AGO))
    await read_tables.happened(CREW, ADA, MessageEdited(sent, "two"))

    texts = sorted(await read_tables.rows("message_edits"), key=lambda edit: edit["version"])
    assert [(edit["content"], edit["edited_at"]) for edit in texts] == [("one", LONG_AGO), ("two", at(2))]


async def test_of_an_unsent_message_only_its_place_stays(read_tables: ReadTables) -> None:
    first = await read_tables.happened(CREW, ADA, said(1))
    sent = read_tables.recorded(CREW, ADA, said(2, "secret", reply_to_id=first))
    edited = read_tables.recorded(CREW, ADA, MessageEdited(its_id(sent), "more secret"))
    unsent = read_tables.recorded(CREW, BOB, MessageUnsent(its_id(sent)))
    await read_tables.project(*sent, *edited, *unsent)
    at_once = await read_tables.row("messages", message_id=its_id(sent))
    await read_tables.project(*edited)
    await read_tables.project(*sent, *edited, *unsent)

    assert at_once == await read_tables.row("messages", message_id=its_id(sent))
    assert at_once is not None
    assert (at_once["seq"], at_once["sender_id"], at_once["unsent"], at_once["updated_at"]) == (2, ADA, True, at(4))
    assert (at_once["content"], at_once["reply_to_id"], at_once["edited_at"]) == (None, None, None)
    assert await read_tables.rows("message_edits") == []


async def test_what_goes_with_a_message_is_there_in_its_order(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, said(1))
    sent = await read_tables.happened(CREW, ADA, said(2, "", content_type="media", attachments=MEDIA))
    row = await read_tables.row("messages", message_id=sent)

    assert row is not None
    assert (row["content"], row["content_type"]) == ("", "media")
    nothing = dict.fromkeys(("file_id", "url", "name", "duration", "width", "height"))
    of_this = nothing | {"conversation_id": CREW, "message_id": sent}
    rows = sorted(await read_tables.rows("message_attachments"), key=lambda each: each["place"])
    assert rows == [
        of_this | {"place": 0, "kind": "image", "file_id": SHELL, "name": "shell.png", "sort_order": 0},
        of_this | {"place": 1, "kind": "video", "url": "https://media.example/1", "duration": 9.5, "sort_order": 0},
    ]


async def test_an_unsent_message_has_no_attachments_however_the_batches_are_cut(read_tables: ReadTables) -> None:
    other = await read_tables.happened(CREW, ADA, said(1, "", content_type="media", attachments=MEDIA))
    sent = read_tables.recorded(CREW, ADA, said(2, "", content_type="media", attachments=MEDIA))
    unsent = read_tables.recorded(CREW, ADA, MessageUnsent(its_id(sent)))

    async def attached_to() -> set[str]:
        return {row["message_id"] for row in await read_tables.rows("message_attachments")}

    await read_tables.project(*sent)
    seen = [await attached_to()]
    for again in (unsent, sent, [*sent, *unsent]):
        await read_tables.project(*again)
        seen.append(await attached_to())

    assert seen == [{other, its_id(sent)}, {other}, {other}, {other}]


async def test_a_shared_post_is_named_until_it_is_unsent(read_tables: ReadTables) -> None:
    post = derived_id("post", "the regatta")
    sent = await read_tables.happened(CREW, ADA, said(1, "", content_type="shared_post", shared_post_id=post))
    shared = await read_tables.row("messages", message_id=sent)
    await read_tables.happened(CREW, ADA, MessageUnsent(sent))
    unsent = await read_tables.row("messages", message_id=sent)

    assert [row and row["shared_post_id"] for row in (shared, unsent)] == [post, None]


async def test_the_present_text_says_whether_a_message_is_flagged(read_tables: ReadTables) -> None:
    async def flagged(message_id: MessageId) -> bool:
        row = await read_tables.row("messages", message_id=message_id)
        assert row is not None
        return bool(row["flagged"])

    sent = await read_tables.happened(CREW, ADA, said(1, "scurvy", flagged=True, policy_version="v1"))
    seen = [await flagged(sent)]
    await read_tables.happened(CREW, ADA, MessageEdited(sent, "sorry"))
    seen.append(await flagged(sent))
    await read_tables.happened(CREW, ADA, MessageEdited(sent, "scurvy!", flagged=True, policy_version="v2"))
    seen.append(await flagged(sent))
    await read_tables.happened(CREW, ADA, MessageUnsent(sent))

    assert [*seen, await flagged(sent)] == [True, False, True, False]


async def test_of_each_persons_reactions_to_a_message_the_last_is_there(read_tables: ReadTables) -> None:
    sent = read_tables.recorded(CREW, ADA, said(1))
    await read_tables.project(
        *sent,
        *batch(
            read_tables.recorded(CREW, BOB, ReactionSet(its_id(sent), "like")),
            read_tables.recorded(CREW, CY, ReactionSet(its_id(sent), "like")),
            read_tables.recorded(CREW, BOB, ReactionSet(its_id(sent), "sad")),
            read_tables.recorded(CREW, CY, ReactionRemoved(its_id(sent))),
            read_tables.recorded(CREW, ADA, ReactionSet(its_id(sent), "pray")),
            read_tables.recorded(CREW, ADA, ReactionRemoved(its_id(sent))),
            read_tables.recorded(CREW, ADA, ReactionSet(its_id(sent), "wow")),
        ),
    )

    rows = await read_tables.rows("message_reactions")
    assert {tuple(row.values()) for row in rows} == {
        (CREW, its_id(sent), BOB, "sad", at(4)),
        (CREW, its_id(sent), ADA, "wow", at(8)),
    }


async def test_an_unsent_message_has_no_reactions_however_the_batches_are_cut(read_tables: ReadTables) -> None:
    other = await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(CREW, BOB, ReactionSet(other, "love"))
    sent = read_tables.recorded(CREW, ADA, said(2))
    unsent = read_tables.recorded(CREW, ADA, MessageUnsent(its_id(sent)))
    reacted = read_tables.recorded(CREW, BOB, ReactionSet(its_id(sent), "like"))
    await read_tables.project(*sent, *reacted, *unsent)
    left = [[row["message_id"] for row in await read_tables.rows("message_reactions")]]
    await read_tables.project(*reacted)
    left.append([row["message_id"] for row in await read_tables.rows("message_reactions")])

    assert left == [[other], [other]]


async def test_each_move_of_a_marker_is_kept(read_tables: ReadTables) -> None:
    await read_tables.project(
        *batch(
            read_tables.recorded(CREW, BOB, MessagesDelivered(1)),
            read_tables.recorded(CREW, BOB, MessagesDelivered(3)),
            read_tables.recorded(CREW, BOB, MessagesRead(3)),
            read_tables.recorded(CREW, CY, MessagesRead(3)),
        )
    )

    rows = await read_tables.rows("marker_moves")
    assert {(row["user_id"], row["kind"], row["seq"], row["moved_at"]) for row in rows} == {
        (BOB, "delivered", 1, at(1)),
        (BOB, "delivered", 3, at(2)),
        (BOB, "read", 3, at(3)),
        (CY, "read", 3, at(4)),
    }
