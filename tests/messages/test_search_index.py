"""How messages are found by words: through the index, which gives nothing of what others said elsewhere."""

from typing import Any

import pytest

from services.projector.questions import message_search
from shared.identifiers import UserId
from tests.fixtures.plans import plan_of
from tests.fixtures.read_tables import ReadTables, batch, person
from tests.messages.crew import ADA, BOB, CREW, CY, a_crew, said

EVE = person("Eve")
CANARY = "canary"


async def a_town(read_tables: ReadTables) -> None:
    """Bob and Cy talk much in many groups, in which Ada is not; with her they have talked little."""
    await a_crew(read_tables)
    await read_tables.project(*batch(*(read_tables.recorded(CREW, BOB, said(seq, "boat")) for seq in (1, 2, 3))))
    await read_tables.connection.execute(
        """
        INSERT INTO messages (message_id, conversation_id, seq, sender_id, role, content_type, content,
            created_at, updated_at, unsent)
        SELECT gen_random_uuid(), ('00000000-0000-0000-0000-' || lpad((n % 50)::text, 12, '0'))::uuid, n, $1,
            'user', 'text', 'boat ' || CASE WHEN n % 1000 = 0 THEN 'canary' ELSE 'word' || n END, now(), now(), false
        FROM generate_series(1, 6000) AS n
        """,
        BOB,
    )
    await read_tables.connection.execute(
        """
        INSERT INTO participants (conversation_id, user_id, role, joined_at, joined_seq, delivered_seq, read_seq)
        SELECT DISTINCT conversation_id, $1::uuid, 'member', now(), 0, 0, 0 FROM messages
        ON CONFLICT DO NOTHING
        """,
        CY,
    )
    await read_tables.connection.execute("ANALYZE messages, participants")


async def plan(read_tables: ReadTables, by: UserId, q: str) -> list[dict[str, Any]]:
    asked = message_search.WordsAsked.model_validate({"q": q})
    return await plan_of(read_tables.connection, message_search.BEST_FIRST, *message_search.arguments(by, asked, None))


@pytest.mark.parametrize("by", [ADA, CY, EVE])
async def test_messages_are_found_through_the_index_whoever_asks(read_tables: ReadTables, by: UserId) -> None:
    await a_town(read_tables)
    nodes = await plan(read_tables, by, "boat")

    assert [node["Node Type"] for node in nodes if node.get("Relation Name") == "messages"] == ["Bitmap Heap Scan"]
    assert [node["Node Type"] for node in nodes if node.get("Index Name") == "messages_by_words"] == [
        "Bitmap Index Scan"
    ]


@pytest.mark.parametrize(("by", "q", "there_are"), [(ADA, "boat", 3), (ADA, CANARY, 0), (EVE, "boat", 0)])
async def test_the_index_gives_nothing_of_what_others_said_elsewhere(
    read_tables: ReadTables, by: UserId, q: str, there_are: int
) -> None:
    await a_town(read_tables)
    [looked_up] = [node for node in await plan(read_tables, by, q) if node.get("Index Name") == "messages_by_words"]

    assert looked_up["Actual Rows"] * looked_up["Actual Loops"] == there_are


async def test_of_very_many_the_newest_are_ranked(read_tables: ReadTables) -> None:
    await a_town(read_tables)
    everywhere = await read_tables.connection.fetch(
        message_search.BEST_FIRST,
        *message_search.arguments(CY, message_search.WordsAsked.model_validate({"q": "boat"}), None)[:-1],
        10_000,
    )

    assert len(everywhere) == message_search.RANKED_MESSAGES


async def test_of_long_ones_as_many_are_ranked_as_may_be_read(
    read_tables: ReadTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_crew(read_tables)
    read_of_each = message_search.READ_CHARACTERS
    long = [await read_tables.happened(CREW, BOB, said(seq, "boat " * read_of_each)) for seq in range(1, 6)]
    path = "/messages/search"

    for ranked_bytes, there_are in ((1, 1), (2 * read_of_each, 2), (2 * read_of_each + 1, 3), (9 * read_of_each, 5)):
        monkeypatch.setattr(message_search, "RANKED_BYTES", ranked_bytes)
        found = [each["message_id"] for each in await read_tables.everything(ADA, path, q="boat", limit=2)]
        assert found == long[::-1][:there_are]
