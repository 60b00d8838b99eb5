"""Who sees what of a message request: the one who was asked all of it, the one who asked nothing of the other."""

from typing import Any

from shared.events.conversations import ConversationStarted
from shared.events.message_requests import MessageRequestAccepted, MessageRequestDeclined, MessageRequested
from shared.events.messages import MessagesDelivered, MessageSent, MessagesRead
from shared.identifiers import ConversationId, MessageId, UserId, derived_id, direct_conversation_id
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, batch, person

ADA, BOB, CY = person("Ada"), person("Bob"), person("Cy")
PAIR = direct_conversation_id(ADA, BOB)


async def asked(
    read_tables: ReadTables, recipient: UserId = BOB, *, by: UserId = ADA, messages: int = 1
) -> tuple[ConversationId, MessageId]:
    """Somebody asks somebody, and sends so many messages; gives the conversation and the last message."""
    where = direct_conversation_id(by, recipient)
    await read_tables.happened(where, by, ConversationStarted("direct", (recipient,)), MessageRequested(recipient))
    sent = MessageId("")
    for seq in range(1, messages + 1):
        sent = await read_tables.happened(where, by, MessageSent(seq, "Hello", derived_id("client", str(seq))))
    return where, sent


async def ids_of(read_tables: ReadTables, by: UserId, path: str = "/conversations", **parameters: Any) -> list[str]:
    page = await read_tables.answer(by, path, **parameters)
    return [each["conversation_id"] for each in page["items"]]


# The conversation


async def test_a_request_is_in_the_list_of_who_asked_and_of_who_was_asked_only_once_accepted(
    read_tables: ReadTables,
) -> None:
    await asked(read_tables)
    assert await ids_of(read_tables, ADA) == [PAIR]
    assert await ids_of(read_tables, BOB) == []
    await read_tables.happened(PAIR, BOB, MessageRequestDeclined())
    assert await ids_of(read_tables, ADA) == [PAIR]
    assert await ids_of(read_tables, BOB) == []
    await read_tables.happened(PAIR, BOB, MessageRequestAccepted())
    assert await ids_of(read_tables, ADA) == await ids_of(read_tables, BOB) == [PAIR]


async def test_whoever_was_asked_finds_the_request_by_its_id_and_what_was_said_in_it(read_tables: ReadTables) -> None:
    _, sent = await asked(read_tables)
    found = await read_tables.answer(BOB, f"/conversations/{PAIR}")
    said = await read_tables.answer(BOB, f"/conversations/{PAIR}/messages")

    assert (found["unread_count"], found["last_message"]["message_id"]) == (1, sent)
    assert [each["message_id"] for each in said["items"]] == [sent]


async def everything_told(read_tables: ReadTables, by: UserId, sent: MessageId) -> list[Any]:
    """All that the two can ask about this conversation and this message of it."""
    here = f"/conversations/{PAIR}"
    paths = ("", "/participants", "/messages", f"/messages/{sent}", f"/messages/{sent}/receipts", "/unread")
    alone = [await read_tables.answer(by, here + path) for path in paths]
    lists = [("/conversations", {}), ("/message-requests", {"direction": "sent"})]
    states = [("/message-requests", {"direction": "sent", "state": state}) for state in ("pending", "declined")]
    return [*alone, *[await read_tables.answer(by, path, **more) for path, more in (*lists, *states)]]


async def test_whatever_the_other_one_does_before_accepting_nothing_looks_different_to_who_asked(
    read_tables: ReadTables,
) -> None:
    _, sent = await asked(read_tables, messages=2)
    before = await everything_told(read_tables, ADA, sent)

    for event in (MessagesDelivered(1), MessagesRead(2), MessageRequestDeclined(), MessagesDelivered(2)):
        await read_tables.happened(PAIR, BOB, event)
        assert await everything_told(read_tables, ADA, sent) == before, event


async def test_whoever_was_asked_sees_their_own_markers(read_tables: ReadTables) -> None:
    _, sent = await asked(read_tables)
    await read_tables.happened(PAIR, BOB, MessagesRead(1))
    participants = (await read_tables.answer(BOB, f"/conversations/{PAIR}/participants"))["items"]
    (receipt,) = (await read_tables.answer(BOB, f"/conversations/{PAIR}/messages/{sent}/receipts"))["items"]

    (mine,) = [each for each in participants if each["user_id"] == BOB]
    assert (mine["read_seq"], mine["read_at"], mine["delivered_seq"]) == (1, time_text(at(3)), 1)
    assert (receipt["read"], receipt["read_at"]) == (True, time_text(at(3)))
    assert (await read_tables.answer(BOB, f"/conversations/{PAIR}/unread"))["count"] == 0


async def test_once_accepted_what_was_read_is_shown(read_tables: ReadTables) -> None:
    _, sent = await asked(read_tables)
    await read_tables.happened(PAIR, BOB, MessagesRead(1))
    await read_tables.happened(PAIR, BOB, MessageRequestAccepted())
    message = await read_tables.answer(ADA, f"/conversations/{PAIR}/messages/{sent}")
    (receipt,) = (await read_tables.answer(ADA, f"/conversations/{PAIR}/messages/{sent}/receipts"))["items"]
    participants = (await read_tables.answer(ADA, f"/conversations/{PAIR}/participants"))["items"]

    assert message["status"] == "read"
    assert (receipt["read"], receipt["read_at"]) == (True, time_text(at(3)))
    assert {each["user_id"]: each["read_seq"] for each in participants} == {ADA: 0, BOB: 1}


async def test_whoever_was_asked_is_shown_the_markers_of_who_asked(read_tables: ReadTables) -> None:
    await asked(read_tables)
    await read_tables.happened(PAIR, ADA, MessagesRead(1))
    participants = (await read_tables.answer(BOB, f"/conversations/{PAIR}/participants"))["items"]

    assert {each["user_id"]: each["read_seq"] for each in participants} == {ADA: 1, BOB: 0}


# The requests


async def test_a_request_is_shown_to_both_and_to_nobody_else(read_tables: ReadTables) -> None:
    await asked(read_tables)
    request = {
        "conversation_id": PAIR,
        "requester_id": ADA,
        "recipient_id": BOB,
        "state": "pending",
        "created_at": time_text(at(1)),
    }

    received, sent = {"direction": "received"}, {"direction": "sent"}
    assert (await read_tables.answer(BOB, "/message-requests"))["items"] == [request]
    assert (await read_tables.answer(BOB, "/message-requests", **received))["items"] == [request]
    assert (await read_tables.answer(ADA, "/message-requests", **sent))["items"] == [request]
    for by, direction in ((BOB, sent), (ADA, received), (CY, received), (CY, sent)):
        assert await ids_of(read_tables, by, "/message-requests", **direction) == []


async def test_whoever_was_asked_finds_requests_by_how_they_stand(read_tables: ReadTables) -> None:
    pending, accepted, declined = [
        (await asked(read_tables, CY, by=person(name)))[0] for name in ("pending", "accepted", "declined")
    ]
    await read_tables.happened(accepted, CY, MessageRequestAccepted())
    await read_tables.happened(declined, CY, MessageRequestDeclined())

    for state, where in (("pending", pending), ("accepted", accepted), ("declined", declined)):
        page = await read_tables.answer(CY, "/message-requests", state=state)
        assert [(each["conversation_id"], each["state"]) for each in page["items"]] == [(where, state)]
    assert await ids_of(read_tables, CY, "/message-requests") == [declined, accepted, pending]


async def test_to_who_asked_a_declined_request_is_pending(read_tables: ReadTables) -> None:
    pending, accepted, declined = [
        (await asked(read_tables, person(name)))[0] for name in ("pending", "accepted", "declined")
    ]
    await read_tables.happened(accepted, person("accepted"), MessageRequestAccepted())
    await read_tables.happened(declined, person("declined"), MessageRequestDeclined())

    page = await read_tables.answer(ADA, "/message-requests", direction="sent")
    assert [each["state"] for each in page["items"]] == ["pending", "accepted", "pending"]
    expected = {"pending": [declined, pending], "accepted": [accepted], "declined": []}
    for state, found in expected.items():
        assert await ids_of(read_tables, ADA, "/message-requests", direction="sent", state=state) == found


async def test_requests_come_page_after_page_the_newest_first(read_tables: ReadTables) -> None:
    strangers = [person(str(number)) for number in range(5)]
    received = [(await asked(read_tables, CY, by=each))[0] for each in strangers]
    sent = [(await asked(read_tables, each, by=ADA))[0] for each in strangers]
    for limit in (1, 2, 5):
        pages = await read_tables.everything(CY, "/message-requests", limit=limit, state="pending")
        assert [each["conversation_id"] for each in pages] == received[::-1]
        pages = await read_tables.everything(ADA, "/message-requests", limit=limit, direction="sent")
        assert [each["conversation_id"] for each in pages] == sent[::-1]


async def test_what_names_no_requests_is_refused_by_its_place(read_tables: ReadTables) -> None:
    for parameters in ({"direction": "both"}, {"state": "seen"}, {"cursor": "x"}, {"limit": "101"}):
        status, body = await read_tables.ask(ADA, "/message-requests", **parameters)
        assert (status, [each["pointer"] for each in body["errors"]]) == (422, [f"/{next(iter(parameters))}"])


# The tables


async def test_a_batch_is_projected_as_its_events_one_by_one(read_tables: ReadTables) -> None:
    other = direct_conversation_id(ADA, CY)
    events = batch(
        read_tables.recorded(PAIR, ADA, ConversationStarted("direct", (BOB,)), MessageRequested(BOB)),
        read_tables.recorded(other, ADA, ConversationStarted("direct", (CY,)), MessageRequested(CY)),
        read_tables.recorded(PAIR, BOB, MessageRequestDeclined()),
        read_tables.recorded(PAIR, BOB, MessageRequestAccepted()),
        read_tables.recorded(other, CY, MessageRequestDeclined()),
    )
    await read_tables.project(*events)
    tables = [await read_tables.rows(table) for table in ("message_requests", "participants")]
    await read_tables.project(*events)

    assert [await read_tables.rows(table) for table in ("message_requests", "participants")] == tables
    assert {row["conversation_id"]: row["state"] for row in tables[0]} == {PAIR: "accepted", other: "declined"}
    assert {row["user_id"]: row["takes_part"] for row in tables[1]} == {ADA: True, BOB: True, CY: False}
