"""How many searches there are at once, and that nobody else waits for them."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest
from prometheus_client import REGISTRY

from services.projector.questions import message_search
from services.projector.read_model import SEARCHES_AT_ONCE
from services.projector.turns import Turns
from shared.identifiers import UserId
from shared.web.problems import Unavailable
from tests.fixtures.names import eventually
from tests.fixtures.read_tables import ReadTables, person
from tests.messages.crew import ADA, BOB, CREW, CY, a_crew, said

AT_MOST_SECONDS = 5.0  # what only a fault exceeds, on however slow a machine
LONG = 60.0
CROWD = [person(f"Searcher {number}") for number in range(40)]


async def until_its_end(turns: Turns, user_id: UserId, having: list[UserId], end: asyncio.Event) -> None:
    async with turns.turn(user_id):
        having.append(user_id)
        await end.wait()
    having.remove(user_id)


async def settled() -> None:
    """Everything that can go on now has done so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_so_many_people_have_a_turn_and_the_others_wait_for_theirs() -> None:
    turns, having, ends = Turns(2, LONG), list[UserId](), [asyncio.Event() for _ in range(3)]
    tasks = [
        asyncio.create_task(until_its_end(turns, who, having, end))
        for who, end in zip((ADA, BOB, CY), ends, strict=True)
    ]
    await settled()
    assert having == [ADA, BOB]

    ends[0].set()
    await settled()
    assert having == [BOB, CY]

    ends[1].set()
    ends[2].set()
    await asyncio.wait_for(asyncio.gather(*tasks), AT_MOST_SECONDS)


async def test_a_person_has_one_turn_at_a_time() -> None:
    turns, having, ends = Turns(2, LONG), list[UserId](), [asyncio.Event() for _ in range(3)]
    tasks = [
        asyncio.create_task(until_its_end(turns, who, having, end))
        for who, end in zip((ADA, ADA, BOB), ends, strict=True)
    ]
    await settled()
    assert having == [ADA, BOB]

    for end in ends:
        end.set()
    await asyncio.wait_for(asyncio.gather(*tasks), AT_MOST_SECONDS)


async def test_who_asks_for_a_lot_keeps_nobody_else_waiting() -> None:
    turns, having, ends = Turns(1, LONG), list[UserId](), [asyncio.Event() for _ in range(4)]
    tasks = [
        asyncio.create_task(until_its_end(turns, who, having, end))
        for who, end in zip((ADA, ADA, ADA, BOB), ends, strict=True)
    ]
    await settled()
    assert having == [ADA]

    ends[0].set()
    await settled()
    assert having == [BOB]

    for end in ends:
        end.set()
    await asyncio.wait_for(asyncio.gather(*tasks), AT_MOST_SECONDS)


async def test_nobody_waits_for_longer_than_they_may() -> None:
    turned_away = REGISTRY.get_sample_value("verbatim_searches_turned_away_total") or 0.0
    turns = Turns(1, 0.05)
    async with turns.turn(ADA):
        with pytest.raises(Unavailable) as refused:
            async with turns.turn(BOB):
                pass

    assert refused.value.headers["Retry-After"] == "1"
    assert REGISTRY.get_sample_value("verbatim_searches_turned_away_total") == turned_away + 1


async def test_a_turn_is_over_however_it_ends() -> None:
    turns = Turns(1, 0.05)
    with suppress(RuntimeError):
        async with turns.turn(ADA):
            raise RuntimeError
    abandoned = asyncio.create_task(until_its_end(turns, ADA, [], asyncio.Event()))
    await settled()
    abandoned.cancel()
    await asyncio.wait([abandoned])

    async with turns.turn(ADA):
        pass


async def test_other_questions_do_not_wait_for_searches(read_tables: ReadTables) -> None:
    await read_tables.registered("Ada")
    await a_crew(read_tables)
    await read_tables.happened(CREW, BOB, said(1, "boat"))

    async with read_tables.connection.transaction():
        await read_tables.connection.execute("LOCK TABLE messages")  # as if a search took long
        searches = [asyncio.create_task(read_tables.ask(who, "/messages/search", q="boat")) for who in CROWD]
        await eventually(lambda: as_many_wait_as_may(read_tables))
        assert (await read_tables.answer(ADA, "/me"))["display_name"] == "Ada"
        assert await as_many_wait_as_may(read_tables)
    answers = await asyncio.gather(*searches)

    assert {status for status, _ in answers} <= {200, 503}
    assert [status for status, _ in answers].count(200) >= SEARCHES_AT_ONCE


async def test_a_search_that_takes_too_long_is_told_so_and_its_turn_is_over(
    read_tables: ReadTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_search, "SEARCH_SECONDS", 0.1)
    await a_crew(read_tables)
    async with read_tables.connection.transaction():
        await read_tables.connection.execute("LOCK TABLE messages")
        answers = [await read_tables.ask(ADA, "/messages/search", q="boat") for _ in range(SEARCHES_AT_ONCE + 1)]

    assert {status for status, _ in answers} == {503}
    assert {problem["detail"][:26] for _, problem in answers} == {"this search takes too long"}


async def as_many_wait_as_may(read_tables: ReadTables) -> bool:
    connection = await asyncpg.connect(read_tables.settings.database_url)  # the test's own transaction sees nothing new
    try:
        waiting: int = await connection.fetchval(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'verbatim-questions' AND wait_event_type = 'Lock'
            """
        )
    finally:
        await connection.close()
    return waiting == SEARCHES_AT_ONCE
