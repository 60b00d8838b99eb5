"""What somebody finds by words, and what nobody does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.projector.questions.message_search import READ_CHARACTERS
from shared.events.conversations import (
    ConversationCleared,
    ConversationDeleted,
    ConversationRenamed,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
)
from shared.events.messages import MessageEdited, MessageUnsent, SystemMessageSent
from shared.identifiers import MessageId, UserId, derived_id
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, batch, person
from tests.messages.crew import ADA, BOB, CREW, CY, OTHER, ROBOT, a_crew, said

SEARCH = "/messages/search"
EVE = person("Eve")
LONG_AGO = datetime(2015, 5, 1, 9, 30, tzinfo=UTC)
CANARY = "canary"


async def found(read_tables: ReadTables, by: UserId, q: str, **parameters: Any) -> list[MessageId]:
    return [each["message_id"] for each in await read_tables.everything(by, SEARCH, q=q, **parameters)]


async def nothing_of_it(read_tables: ReadTables, by: UserId, **parameters: Any) -> None:
    """Whatever is asked in whichever way, there is nothing that tells of the canary."""
    for q in (CANARY, CANARY.upper(), f"{CANARY} sings", f"{CANARY}-sings"):
        answer = await read_tables.answer(by, SEARCH, q=q, **parameters)
        assert answer == {"items": [], "has_more": False, "next_cursor": None}, q
    assert CANARY not in str(await read_tables.answer(by, SEARCH, q="sings", **parameters)).lower()


# What is found


async def test_a_message_is_found_with_the_place_of_its_words(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    message = await read_tables.happened(CREW, BOB, said(1, "The boat leaves at nine"))
    await read_tables.happened(CREW, BOB, said(2, "The train leaves at ten"))

    assert await read_tables.answer(ADA, SEARCH, q="leaves BOAT") == {
        "items": [
            {
                "message_id": message,
                "conversation_id": CREW,
                "seq": 1,
                "sender_id": BOB,
                "role": "user",
                "snippet": [
                    {"text": "The ", "highlighted": False},
                    {"text": "boat", "highlighted": True},
                    {"text": " ", "highlighted": False},
                    {"text": "leaves", "highlighted": True},
                    {"text": " at nine", "highlighted": False},
                ],
                "created_at": time_text(at(2)),
                "occurred_at": None,
                "edited_at": None,
            }
        ],
        "has_more": False,
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    ("content", "q"),
    [
        ("Wir fahren über die BRÜCKE", "uber brucke"),
        ("wir fahren uber die brucke", "Über Brücke"),
        ("¿Dónde está la «estación»?", "donde estacion"),
        ("Ещё раз: Привет!", "еще привет"),
        ("हिन्दी में लिखो", "हिन्दी"),
        ("明日は東京タワーに行く", "東京タワー"),
        ("我们明天去北京", "北京"),
        ("พบกันพรุ่งนี้ที่ท่าเรือ", "พรุ่งนี้"),
        ("한국어를 배워요", "배워요"),
        ("\uff21\uff22\uff23 \uff11\uff12\uff13", "abc 123"),
        ("the \ufb01rst", "first"),
        ("see https://example.org/docs/index.html?page=two", "docs"),
        ("see https://example.org/docs/index.html?page=two", "example.org/docs"),
        ("<div class='wide'>", "wide div"),
        ("mail ada@example.org", "ada"),
        ("snake_case and kebab-case", "snake"),
        ("I don\u2019t know", "don't"),
        ("it is 3.14, -7 or 1e5", "3.14 -7"),
        ("the and of", "the of"),
        ("a" * 2_100 + " boat", "boat"),
        ("x " * 20_000 + "boat", "boat"),
    ],
)
async def test_words_of_any_language_are_found_whatever_is_around_them(
    read_tables: ReadTables, content: str, q: str
) -> None:
    await a_crew(read_tables)
    message = await read_tables.happened(CREW, BOB, said(1, content))

    assert await found(read_tables, ADA, q) == [message]


@pytest.mark.parametrize(
    ("content", "q"),
    [
        ("boats and houseboat", "boat"),
        ("the boat", "boat train"),
        ("明日は京都から東へ", "東京"),
        ("what I don. T is", "don't know"),
        ("t don", "don't"),
        ("anything !!! ::", "!!!"),
        ("anything", "' & | ! : * ( ) <-> \\ %"),
        (f"in {CREW}", str(OTHER)),
    ],
)
async def test_what_does_not_have_the_words_is_not_found(read_tables: ReadTables, content: str, q: str) -> None:
    await a_crew(read_tables)
    await read_tables.happened(CREW, BOB, said(1, content))

    assert await found(read_tables, ADA, q) == []


async def test_a_text_that_becomes_far_more_than_it_was_is_still_recorded(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    stands_for_five = "\u327c"
    words = [f"{stands_for_five * 10}{number}" for number in range(7_000)]
    message = await read_tables.happened(CREW, BOB, said(1, " ".join(words)[:100_000]))

    assert await found(read_tables, ADA, words[0]) == [message]


@pytest.mark.timeout(20)  # by swapping neighbours it would take Postgres minutes
async def test_marks_without_number_on_one_letter_hold_nothing_up(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    content = "boat a" + "\u0301" * 49_000 + "\u0316" * 49_000 + " late"
    message = await read_tables.happened(CREW, BOB, said(1, content))

    assert await found(read_tables, ADA, "boat") == [message]
    assert await found(read_tables, ADA, "a") == [message]


async def test_of_what_comes_late_in_a_very_long_text_the_beginning_is_shown(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await read_tables.happened(CREW, BOB, said(1, "so on " * 3_000 + "boat"))

    [item] = await read_tables.everything(ADA, SEARCH, q="boat")
    [part] = item["snippet"]
    assert (part["text"][:12], part["text"][-6:], part["highlighted"]) == ("so on so on ", "on so…", False)


async def test_an_agents_message_is_found_and_an_id_is_a_word_like_others(read_tables: ReadTables) -> None:
    await a_crew(read_tables, BOB, ROBOT)
    await a_crew(read_tables, BOB, of=OTHER)
    spoken = await read_tables.happened(CREW, ROBOT, said(1, "*beep*", role="assistant", agent_id=ROBOT))
    await read_tables.happened(OTHER, BOB, said(1, f"beep {CREW}"))

    [item] = await read_tables.everything(ADA, SEARCH, q="beep", **{"from": ROBOT})
    assert (item["message_id"], item["role"]) == (spoken, "assistant")
    assert await found(read_tables, ADA, "beep", conversation_id=CREW) == [spoken]


# In which order


async def test_the_best_come_first_and_of_equals_the_newest(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    rambling = await read_tables.happened(CREW, BOB, said(1, "red " + "and so on " * 20 + "boat"))
    older = await read_tables.happened(CREW, BOB, said(2, "a red boat"))
    newer = await read_tables.happened(CREW, BOB, said(3, "a red boat"))
    twice = await read_tables.happened(CREW, BOB, said(4, "red boat, red boat"))
    imported = await read_tables.happened(CREW, BOB, said(5, "a red boat", occurred_at=LONG_AGO))
    longer = await read_tables.happened(CREW, BOB, said(6, "a red boat " + "and so on " * 20))

    assert await found(read_tables, ADA, "red boat") == [twice, newer, older, imported, longer, rambling]


async def test_of_a_very_long_text_the_beginning_counts(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    filler = "word " * READ_CHARACTERS
    early = await read_tables.happened(CREW, BOB, said(1, f"boat {filler}"))
    late = await read_tables.happened(CREW, BOB, said(2, f"{filler} boat"))

    assert await found(read_tables, ADA, "boat") == [early, late]


async def test_pages_hold_each_message_once_in_one_order_also_while_others_come(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await read_tables.project(
        *batch(*(read_tables.recorded(CREW, BOB, said(seq, "boat " * (seq % 3 + 1))) for seq in range(1, 12)))
    )
    whole = await found(read_tables, ADA, "boat")
    assert len({*whole}) == 11

    for limit in (1, 2, 5, 11, 100):
        assert await found(read_tables, ADA, "boat", limit=limit) == whole, limit
    first = await read_tables.answer(ADA, SEARCH, q="boat", limit="4")
    for seq in (12, 13, 14):
        await read_tables.happened(CREW, BOB, said(seq, "boat " * (seq % 3 + 1)))
    rest = await read_tables.answer(ADA, SEARCH, q="boat", cursor=first["next_cursor"])
    seen = [each["message_id"] for each in [*first["items"], *rest["items"]]]
    assert [each for each in seen if each in whole] == whole
    assert len(seen) == len({*seen})


# Where


async def test_it_is_looked_for_in_one_conversation_of_one_person_or_before_a_time(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await a_crew(read_tables, of=OTHER)
    first = await read_tables.happened(CREW, BOB, said(1, "boat"))
    second = await read_tables.happened(CREW, CY, said(2, "boat"))
    third = await read_tables.happened(OTHER, BOB, said(1, "boat"))
    old = await read_tables.happened(OTHER, CY, said(2, "boat", occurred_at=LONG_AGO))

    assert await found(read_tables, ADA, "boat") == [third, second, first, old]
    assert await found(read_tables, ADA, "boat", conversation_id=CREW) == [second, first]
    assert await found(read_tables, ADA, "boat", **{"from": BOB}) == [third, first]
    assert await found(read_tables, ADA, "boat", conversation_id=OTHER, **{"from": CY}) == [old]
    assert await found(read_tables, ADA, "boat", before=time_text(at(4))) == [first, old]
    assert await found(read_tables, ADA, "boat", before=time_text(LONG_AGO)) == []
    assert await found(read_tables, ADA, "boat", before="2015-05-01T09:30:00.001Z") == [old]


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({}, "/q"),
        ({"q": ""}, "/q"),
        ({"q": " \t"}, "/q"),
        ({"q": "x" * 201}, "/q"),
        ({"q": "a\0b"}, "/q"),
        ({"q": "a", "conversation_id": "1"}, "/conversation_id"),
        ({"q": "a", "from": "ada"}, "/from"),
        ({"q": "a", "sender_id": ADA}, "/sender_id"),
        ({"q": "a", "before": "yesterday"}, "/before"),
        ({"q": "a", "limit": "101"}, "/limit"),
        ({"q": "a", "cursor": "nonsense"}, "/cursor"),
        ({"q": "a", "cursor": "WzFlMzAwLDAsIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd"}, "/cursor"),
    ],
)
async def test_what_cannot_be_looked_for_is_refused(
    read_tables: ReadTables, parameters: dict[str, str], pointer: str
) -> None:
    status, problem = await read_tables.ask(ADA, SEARCH, **parameters)

    assert (status, problem["code"]) == (422, "invalid-content")
    assert [each["pointer"] for each in problem.get("errors", [])] == [pointer]


@pytest.mark.parametrize("q", ["x" * 200, "ß" * 200, "x y " * 50])
async def test_what_is_looked_for_may_have_two_hundred_characters(read_tables: ReadTables, q: str) -> None:
    await a_crew(read_tables)
    message = await read_tables.happened(CREW, BOB, said(1, "x" * 200 + " " + "ß" * 200 + " x y"))

    assert await found(read_tables, ADA, q) == [message]


# What nobody finds


async def test_what_is_said_where_i_am_not_is_not_found(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    message = await read_tables.happened(CREW, BOB, said(1, f"the {CANARY} sings"))

    assert await found(read_tables, CY, CANARY) == [message]
    for more in ({}, {"conversation_id": CREW}, {"from": BOB}, {"before": "2100-01-01T00:00:00Z"}):
        await nothing_of_it(read_tables, EVE, **more)
    nowhere = await read_tables.ask(EVE, SEARCH, q=CANARY, conversation_id=derived_id("nothing"))
    assert nowhere == await read_tables.ask(EVE, SEARCH, q=CANARY, conversation_id=CREW)


@pytest.mark.parametrize("gone", [ParticipantLeft(), ParticipantRemoved(CY), ConversationDeleted()])
async def test_what_i_left_was_taken_out_of_or_was_deleted_is_not_found(read_tables: ReadTables, gone: Any) -> None:
    await a_crew(read_tables)
    message = await read_tables.happened(CREW, CY, said(1, f"the {CANARY} sings"))
    assert await found(read_tables, CY, CANARY) == [message]
    await read_tables.happened(CREW, CY if isinstance(gone, ParticipantLeft) else ADA, gone)

    await nothing_of_it(read_tables, CY)
    assert await found(read_tables, BOB, CANARY) == ([] if isinstance(gone, ConversationDeleted) else [message])


async def test_who_comes_back_finds_all_again(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    message = await read_tables.happened(CREW, BOB, said(1, f"the {CANARY} sings"))
    await read_tables.happened(CREW, CY, ConversationCleared(1))
    await read_tables.happened(CREW, CY, ParticipantLeft())
    await nothing_of_it(read_tables, CY)
    await read_tables.happened(CREW, ADA, ParticipantAdded(CY, 1))

    assert await found(read_tables, CY, CANARY) == [message]


async def test_what_i_cleared_is_found_by_all_others_and_what_is_newer_by_me_too(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    cleared = await read_tables.happened(CREW, BOB, said(1, f"the {CANARY} sings"))
    await read_tables.happened(CREW, ADA, ConversationCleared(1))
    newer = await read_tables.happened(CREW, BOB, said(2, "it sings"))

    await nothing_of_it(read_tables, ADA)
    assert await found(read_tables, ADA, "sings") == [newer]
    assert await found(read_tables, BOB, "sings") == [newer, cleared]


async def test_what_was_unsent_is_not_found(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    message = await read_tables.happened(CREW, BOB, said(1, f"the {CANARY} sings"))
    await read_tables.happened(CREW, BOB, MessageEdited(message, f"The {CANARY} sings!"))
    await read_tables.happened(CREW, BOB, MessageUnsent(message))

    for by in (ADA, BOB, CY):
        await nothing_of_it(read_tables, by)
        assert await found(read_tables, by, "unsent") == []


async def test_an_edited_message_is_found_by_its_present_text_alone(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    message = await read_tables.happened(CREW, BOB, said(1, f"the {CANARY} sings"))
    await read_tables.happened(CREW, BOB, MessageEdited(message, "the parrot sings"))

    await nothing_of_it(read_tables, ADA)
    [item] = await read_tables.everything(ADA, SEARCH, q="parrot")
    assert (item["message_id"], item["edited_at"]) == (message, time_text(at(3)))


async def test_system_messages_are_not_found(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada", "Bob")
    await a_crew(read_tables)
    notice = SystemMessageSent(MessageId(derived_id("notice")), 1, "renamed", title=f"{CANARY} sings")
    await read_tables.happened(CREW, ADA, ConversationRenamed(f"{CANARY} sings"), notice)

    await nothing_of_it(read_tables, BOB)
    assert await found(read_tables, BOB, "Ada") == await found(read_tables, BOB, "changed title") == []
