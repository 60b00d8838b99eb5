"""Lists of conversations and of who is in one: their order, their limits and their cursors."""

from uuid import uuid4

from services.projector.paging import LATEST_MOMENT, encode_cursor
from services.projector.questions.conversations import ByActivity
from shared.events.conversations import ConversationStarted, ParticipantAdded, ParticipantRoleChanged
from shared.events.messages import MessageSent, MessagesRead
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, batch, group_of, person

ADA, BOB, CY = person("Ada"), person("Bob"), person("Cy")
CREW = group_of("crew")


def said(seq: int) -> MessageSent:
    return MessageSent(seq, "hello", str(uuid4()))


async def test_participants_are_listed_in_the_order_of_their_joining(read_tables: ReadTables) -> None:
    first = [person(f"p{number}") for number in range(5)]
    await read_tables.happened(CREW, ADA, ConversationStarted("group", tuple(first), "Crew"))
    await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(CREW, ADA, ParticipantAdded(CY, 1), ParticipantRoleChanged(CY, "admin"))
    await read_tables.happened(CREW, ADA, said(2))
    await read_tables.happened(CREW, CY, MessagesRead(2))

    pages = await read_tables.everything(CY, f"/conversations/{CREW}/participants", limit=2)
    assert [each["user_id"] for each in pages] == [*sorted([ADA, *first]), CY]
    assert pages[-1] == {
        "user_id": CY, "role": "admin", "joined_at": time_text(at(3)),
        "delivered_seq": 2, "delivered_at": time_text(at(5)), "read_seq": 2, "read_at": time_text(at(5)),
    }  # fmt: skip
    assert {(each["role"], each["read_seq"], each["read_at"]) for each in pages[:-1]} == {
        ("owner", 0, None), ("member", 0, None)
    }  # fmt: skip


async def test_a_page_holds_fifty_and_at_most_a_hundred(read_tables: ReadTables) -> None:
    others = tuple(person(f"p{number}") for number in range(100))
    await read_tables.happened(CREW, ADA, ConversationStarted("group", others, "Crew"))
    await read_tables.project(
        *batch(
            *(
                read_tables.recorded(group_of(str(number)), ADA, ConversationStarted("group", (), "x"))
                for number in range(100)
            )
        )
    )
    for path in (f"/conversations/{CREW}/participants", "/conversations"):
        usual = await read_tables.answer(ADA, path)
        most = await read_tables.answer(ADA, path, limit="100")
        assert (len(usual["items"]), len(most["items"]), most["has_more"]) == (50, 100, True)
        for limit in ("0", "101", "-1", "x", "1.5", ""):
            status, body = await read_tables.ask(ADA, path, limit=limit)
            assert (status, body["errors"][0]["pointer"]) == (422, "/limit"), limit


async def test_a_cursor_that_was_never_given_out_is_refused(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, ConversationStarted("group", (BOB,), "Crew"))
    forged = [
        "", "x", "é", "====", "bnVsbA", "e30", "W10", "W251bGwsbnVsbF0", "A" * 500,
        encode_cursor(ByActivity(False, LATEST_MOMENT + 1, CREW)),
        encode_cursor(ByActivity(False, -LATEST_MOMENT, CREW)),
        encode_cursor(ByActivity(False, 0, "'; --")),
        encode_cursor(ByActivity(0, 0, CREW)),  # type: ignore[arg-type]  # a number is no truth
    ]  # fmt: skip
    paths = ["/conversations", f"/conversations/{CREW}/participants", f"/conversations/{CREW}/messages"]
    for path in paths:
        for cursor in forged:
            status, body = await read_tables.ask(ADA, path, cursor=cursor)
            assert (status, body["code"], body["errors"][0]["pointer"]) == (422, "invalid-content", "/cursor"), cursor
    status, _ = await read_tables.ask(ADA, "/conversations", cursor="A" * 501)
    assert status == 422
    for moment in (LATEST_MOMENT, 0):
        assert (await read_tables.ask(ADA, "/conversations", cursor=encode_cursor(ByActivity(False, moment, CREW))))[
            0
        ] == 200


async def test_an_unknown_filter_is_refused(read_tables: ReadTables) -> None:
    for parameters in ({"kind": "room"}, {"archived": "maybe"}, {"workspace_id": "acme"}, {"order": "title"}):
        assert (await read_tables.ask(ADA, "/conversations", **parameters))[0] == 422
