"""How many long texts a page holds, and that none is missed behind it."""

import pytest

from services.projector.paging import PAGE_BYTES
from shared.events.messages import MessageEdited
from tests.fixtures.read_tables import ReadTables
from tests.messages.crew import ADA, CREW, a_crew, said

LONG = "é" * (PAGE_BYTES // 8)
"""Two bytes a character: four come to just what a page takes."""
PATH = f"/conversations/{CREW}/messages"


async def say(read_tables: ReadTables, *texts: str) -> None:
    for seq, text in enumerate(texts, 1):
        await read_tables.happened(CREW, ADA, said(seq, text))


@pytest.mark.parametrize(("texts", "held"), [([LONG] * 5, 4), ([LONG[1:], *[LONG] * 5], 5), (["a" * 100] * 5, 5)])
async def test_a_page_ends_behind_the_text_with_which_it_is_full(
    read_tables: ReadTables, texts: list[str], held: int
) -> None:
    await a_crew(read_tables)
    await say(read_tables, *texts)

    page = await read_tables.answer(ADA, PATH, after_seq=0)
    assert [each["seq"] for each in page["items"]] == list(range(1, held + 1))
    assert page["has_more"] == (held < len(texts))


@pytest.mark.parametrize("limit", [3, 4, 5, 100])
async def test_cursors_lead_through_long_texts_in_either_order(read_tables: ReadTables, limit: int) -> None:
    await a_crew(read_tables)
    await say(read_tables, *[LONG] * 9)

    newest_first = await read_tables.everything(ADA, PATH, limit=limit)
    oldest_first = await read_tables.everything(ADA, PATH, limit=limit, after_seq=0)
    assert [each["seq"] for each in newest_first] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert oldest_first == newest_first[::-1]


async def test_whoever_goes_on_from_the_last_seq_misses_nothing(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await say(read_tables, *[LONG] * 9)

    seen: list[int] = []
    while page := await read_tables.answer(ADA, PATH, **({"before_seq": seen[-1]} if seen else {})):
        seen += [each["seq"] for each in page["items"]]
        if not page["has_more"]:
            break
    assert seen == [9, 8, 7, 6, 5, 4, 3, 2, 1]


async def test_one_text_that_is_longer_than_a_page_is_shown(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    await say(read_tables, "a", "b" * (PAGE_BYTES + 1), "c")

    assert [each["seq"] for each in await read_tables.everything(ADA, PATH)] == [3, 2, 1]


async def test_pages_of_earlier_texts_end_early_too(read_tables: ReadTables) -> None:
    await a_crew(read_tables)
    texts = [f"{number}{LONG[1:]}" for number in range(10)]
    message_id = await read_tables.happened(CREW, ADA, said(1, texts[0]))
    for text in texts[1:]:
        await read_tables.happened(CREW, ADA, MessageEdited(message_id, text))

    path = f"{PATH}/{message_id}/edits"
    assert len((await read_tables.answer(ADA, path))["items"]) < len(texts)
    assert [each["content"] for each in await read_tables.everything(ADA, path)] == texts
