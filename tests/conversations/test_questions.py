"""Which conversations somebody sees, how, and who is in them."""

from typing import Any
from uuid import uuid4

import pytest

from services.projector.questions.message_texts import sentence
from shared.events.conversations import (
    ConversationDeleted,
    ConversationStarted,
    ParticipantAdded,
    ParticipantLeft,
)
from shared.events.messages import MessagesDelivered, MessageSent, MessagesRead, MessageUnsent, SystemMessageSent
from shared.events.people import AvatarChanged, DisplayNameChanged
from shared.identifiers import MessageId, UserId, derived_id
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, group_of, person

ADA, BOB, CY, EVE = person("Ada"), person("Bob"), person("Cy"), person("Eve")
CREW, PAIR = group_of("crew"), group_of("pair")
WORKSPACE = derived_id("workspace")


def said(seq: int, content: str = "hello") -> MessageSent:
    return MessageSent(seq, content, str(uuid4()))


async def ids_of(read_tables: ReadTables, by: UserId, **parameters: Any) -> list[str]:
    page = await read_tables.answer(by, "/conversations", **parameters)
    return [each["conversation_id"] for each in page["items"]]


async def test_a_group_as_its_owner_sees_it(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    picture = "https://example.com/crew.png"
    await read_tables.happened(
        CREW, ADA, ConversationStarted("group", (BOB, CY), "Crew", picture, workspace_id=WORKSPACE)
    )
    sent = await read_tables.happened(CREW, BOB, said(1, "ä" * 101))

    seen = {
        "conversation_id": CREW,
        "kind": "group",
        "title": "Crew",
        "avatar_url": picture,
        "other_user_id": None,
        "participant_count": 3,
        "agent_id": None,
        "workspace_id": WORKSPACE,
        "role": "owner",
        "last_message": {
            "message_id": sent,
            "seq": 1,
            "sender_id": BOB,
            "preview": "ä" * 100,
            "created_at": time_text(at(4)),
        },
        "unread_count": 1,
        "pinned_at": None,
        "archived_at": None,
        "created_by": ADA,
        "created_at": time_text(at(3)),
        "updated_at": time_text(at(3)),
    }
    assert await read_tables.answer(ADA, f"/conversations/{CREW}") == seen
    assert await read_tables.answer(ADA, "/conversations") == {"items": [seen], "has_more": False, "next_cursor": None}
    assert await read_tables.answer(BOB, f"/conversations/{CREW}") == seen | {"role": "member", "unread_count": 0}


async def test_a_direct_one_has_the_other_persons_name_and_picture(read_tables: ReadTables) -> None:
    await read_tables.happened(PAIR, ADA, ConversationStarted("direct", (BOB,)))
    nameless = await read_tables.answer(ADA, f"/conversations/{PAIR}")
    await read_tables.registered("Ada", "Bob")
    await read_tables.happened(BOB, BOB, DisplayNameChanged("Robert"), AvatarChanged("https://example.com/b.png"))
    (to_ada,) = (await read_tables.answer(ADA, "/conversations"))["items"]
    to_bob = await read_tables.answer(BOB, f"/conversations/{PAIR}")

    assert (nameless["title"], nameless["other_user_id"], nameless["last_message"]) == (None, BOB, None)
    assert (to_ada["title"], to_ada["avatar_url"], to_ada["other_user_id"]) == (
        "Robert", "https://example.com/b.png", BOB
    )  # fmt: skip
    assert (to_bob["title"], to_bob["avatar_url"], to_bob["other_user_id"]) == ("Ada", None, ADA)
    assert (to_bob["role"], to_bob["participant_count"]) == ("member", 2)


async def test_the_last_active_one_comes_first_page_after_page(read_tables: ReadTables) -> None:
    groups = [group_of(str(number)) for number in range(7)]
    for each in groups:
        await read_tables.happened(each, ADA, ConversationStarted("group", (BOB,), "x"))
    await read_tables.happened(groups[2], BOB, said(1))
    tied = read_tables.recorded(groups[4], BOB, said(1))
    await read_tables.project(*tied)
    read_tables.commands -= 1
    await read_tables.project(*read_tables.recorded(groups[5], BOB, said(1)))
    order = [*sorted((groups[4], groups[5]), reverse=True), groups[2], groups[6], groups[3], groups[1], groups[0]]

    assert await ids_of(read_tables, ADA) == order
    for limit in (1, 2, 3, 7):
        pages = await read_tables.everything(ADA, "/conversations", limit=limit)
        assert [each["conversation_id"] for each in pages] == order, limit
    assert await read_tables.everything(EVE, "/conversations", limit=1) == []


async def test_the_list_can_be_narrowed(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, ConversationStarted("group", (BOB,), "x", workspace_id=WORKSPACE))
    await read_tables.happened(PAIR, ADA, ConversationStarted("direct", (BOB,)))

    assert await ids_of(read_tables, ADA, workspace_id=WORKSPACE.upper()) == [CREW]
    assert await ids_of(read_tables, ADA, workspace_id=str(uuid4())) == []
    assert await ids_of(read_tables, ADA, kind="direct") == [PAIR]
    assert await ids_of(read_tables, ADA, kind="agent") == []
    assert await ids_of(read_tables, ADA, archived="false") == [PAIR, CREW]
    assert await ids_of(read_tables, ADA, archived="true") == []


async def test_unread_counts_what_others_said_after_my_marker(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, ConversationStarted("group", (BOB, CY), "Crew"))
    await read_tables.happened(CREW, BOB, said(1))
    gone = await read_tables.happened(CREW, BOB, said(2))
    await read_tables.happened(CREW, ADA, said(3))
    await read_tables.happened(CREW, BOB, SystemMessageSent(MessageId(str(uuid4())), 4, "renamed", title="x"))
    await read_tables.happened(CREW, CY, said(5))
    counts = [(await read_tables.answer(ADA, f"/conversations/{CREW}"))["unread_count"]]
    await read_tables.happened(CREW, BOB, MessageUnsent(gone))
    counts.append((await read_tables.answer(ADA, f"/conversations/{CREW}"))["unread_count"])
    await read_tables.happened(CREW, ADA, MessagesDelivered(5))
    await read_tables.happened(CREW, ADA, MessagesRead(4))
    counts.append((await read_tables.answer(ADA, f"/conversations/{CREW}"))["unread_count"])
    await read_tables.happened(CREW, ADA, MessagesRead(5))
    counts.append((await read_tables.answer(ADA, f"/conversations/{CREW}"))["unread_count"])

    assert counts == [3, 2, 1, 0]


async def test_previews_of_what_is_unsent_and_of_what_verbatim_wrote(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    await read_tables.happened(CREW, ADA, ConversationStarted("group", (), "Crew"))
    notice = SystemMessageSent(MessageId(str(uuid4())), 1, "participant_added", about_id=BOB)
    await read_tables.happened(CREW, ADA, ParticipantAdded(BOB, 0), notice)
    await read_tables.happened(BOB, BOB, DisplayNameChanged("Robert"))
    noted = (await read_tables.answer(ADA, f"/conversations/{CREW}"))["last_message"]
    sent = await read_tables.happened(CREW, ADA, said(2, "secret"))
    await read_tables.happened(CREW, ADA, MessageUnsent(sent))
    unsent = (await read_tables.answer(ADA, f"/conversations/{CREW}"))["last_message"]

    assert (noted["preview"], noted["sender_id"], noted["seq"]) == ("Ada added Robert", ADA, 1)
    assert (unsent["preview"], unsent["message_id"], unsent["seq"]) == ("unsent", sent, 2)


@pytest.mark.parametrize(
    ("told", "said_so"),
    [
        (("participant_added", "Bob", None, None), "Ada added Bob"),
        (("participant_added", None, None, None), "Ada joined"),
        (("participant_removed", "Bob", None, None), "Ada removed Bob"),
        (("participant_left", None, None, None), "Ada left"),
        (("role_changed", "Bob", None, "owner"), "Ada made Bob the owner"),
        (("role_changed", "Bob", None, "admin"), "Ada made Bob an admin"),
        (("role_changed", None, None, "member"), "Ada is now a member"),
        (("renamed", None, "Crew", None), "Ada changed the title to “Crew”"),
        (("renamed", None, None, None), "Ada removed the title"),
    ],
)
def test_a_system_message_is_a_sentence(told: tuple[Any, Any, Any, Any], said_so: str) -> None:
    notice, about, title, role = told
    assert sentence(notice, actor="Ada", about=about, title=title, role=role) == said_so


async def test_who_is_not_in_it_cannot_tell_it_from_one_that_is_not_there(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, ConversationStarted("group", (BOB, CY), "canary"))
    sent = await read_tables.happened(CREW, ADA, said(1, "canary"))
    await read_tables.happened(CREW, BOB, ParticipantLeft())
    places = ["", "/participants", "/messages", "/unread"]
    places += [f"/messages/{sent}{more}" for more in ("", "/edits", "/receipts")]
    for place in places:
        there = await read_tables.ask(EVE, f"/conversations/{CREW}{place}")
        left = await read_tables.ask(BOB, f"/conversations/{CREW}{place}")
        nowhere = await read_tables.ask(EVE, f"/conversations/{uuid4()}{place}")
        malformed = await read_tables.ask(EVE, f"/conversations/crew{place}")
        for status, body in (there, left, nowhere, malformed):
            assert (status, body["code"], "canary" in str(body)) == (404, "not-found", False), place
        alike = [{k: v for k, v in body.items() if k != "request_id"} for _, body in (there, left, nowhere)]
        assert alike[0] == alike[1] == alike[2]
    assert await ids_of(read_tables, BOB) == []
    assert (await read_tables.ask(CY, f"/conversations/{CREW}"))[0] == 200


async def test_a_deleted_one_is_gone_for_all(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, ConversationStarted("group", (BOB,), "Crew"))
    sent = await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(CREW, ADA, ConversationDeleted())

    for place in ("", "/participants", "/messages", "/unread", f"/messages/{sent}"):
        assert (await read_tables.ask(ADA, f"/conversations/{CREW}{place}"))[0] == 404
    assert await ids_of(read_tables, BOB) == []
