"""How much somebody has not read, and what it takes to know that."""

from dataclasses import dataclass, field
from random import Random

import pytest

from services.projector.questions.unread import UNREAD_COUNT
from shared.events.conversations import ConversationCleared, ParticipantAdded, ParticipantLeft
from shared.events.domain_event import DomainEvent
from shared.events.messages import MessagesRead, MessageUnsent
from shared.identifiers import MessageId, UserId
from tests.fixtures.plans import plan_of
from tests.fixtures.read_tables import ReadTables
from tests.messages.crew import ADA, BOB, CREW, CY, ROBOT, a_crew, noted, said

PATH = f"/conversations/{CREW}"
EVERYBODY = (ADA, BOB, CY, ROBOT)


@dataclass
class Said:
    """A message, as who counts it knows it."""

    message_id: MessageId
    sender: UserId
    never_unread: bool


@dataclass
class Life:
    """A conversation in which anything happens in any order, and who has seen what of it."""

    read_tables: ReadTables
    random: Random
    said: list[Said] = field(default_factory=list)
    seen: dict[UserId, int] = field(default_factory=lambda: dict.fromkeys(EVERYBODY, 0))

    async def go_on(self) -> None:
        """One more thing happens."""
        what = self.random.choices(
            (self.say, self.note, self.unsend, self.read, self.clear, self.come_again), (10, 2, 2, 3, 1, 1)
        )[0]
        await what(self.random.choice(EVERYBODY))

    async def say(self, who: UserId) -> None:
        message_id = await self.happened(who, said(len(self.said) + 1))
        self.said.append(Said(message_id, who, never_unread=False))

    async def note(self, who: UserId) -> None:
        notice = noted(len(self.said) + 1)
        await self.happened(who, notice)
        self.said.append(Said(notice.message_id, who, never_unread=True))

    async def unsend(self, who: UserId) -> None:
        if mine := [each for each in self.said if each.sender == who and not each.never_unread]:
            unsent = self.random.choice(mine)
            await self.happened(who, MessageUnsent(unsent.message_id))
            unsent.never_unread = True

    async def read(self, who: UserId) -> None:
        seq = self.random.randint(0, len(self.said))
        await self.happened(who, MessagesRead(seq))
        self.seen[who] = max(self.seen[who], seq)

    async def clear(self, who: UserId) -> None:
        await self.happened(who, ConversationCleared(len(self.said)))
        self.seen[who] = len(self.said)

    async def come_again(self, who: UserId) -> None:
        if who != ADA:
            await self.happened(who, ParticipantLeft())
            await self.happened(ADA, ParticipantAdded(who, len(self.said)))
            self.seen[who] = len(self.said)

    async def happened(self, who: UserId, event: DomainEvent) -> MessageId:
        return await self.read_tables.happened(CREW, who, event)

    def unread_by(self, who: UserId) -> list[MessageId]:
        """One by one, as nobody with many of them would want to count."""
        behind = self.said[self.seen[who] :]
        return [each.message_id for each in behind if each.sender != who and not each.never_unread]


@pytest.mark.parametrize("seed", range(4))
async def test_the_count_is_that_of_the_messages_whatever_happens(read_tables: ReadTables, seed: int) -> None:
    await a_crew(read_tables, BOB, CY, ROBOT)
    life = Life(read_tables, Random(seed))
    for _ in range(8):
        for _ in range(10):
            await life.go_on()
        for who in EVERYBODY:
            unread = life.unread_by(who)
            explained = await read_tables.answer(who, f"{PATH}/unread", explain="1")
            assert (explained["count"], explained["message_ids"]) == (len(unread), unread)
            assert (await read_tables.answer(who, f"{PATH}/unread"))["count"] == len(unread)
            assert (await read_tables.answer(who, PATH))["unread_count"] == len(unread)


async def test_what_is_unread_is_not_looked_at_however_much_it_is(read_tables: ReadTables) -> None:
    there_are = 5_000
    await a_crew(read_tables)
    await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(CREW, ADA, noted(2))
    await read_tables.connection.execute(
        """
        INSERT INTO messages (message_id, conversation_id, seq, sender_id, role, content_type, content,
            created_at, updated_at, unsent)
        SELECT gen_random_uuid(), $1, n, CASE WHEN n % 2 = 0 THEN $2::uuid ELSE $3::uuid END, 'user', 'text', 'boat',
            now(), now(), false
        FROM generate_series(3, $4::bigint) AS n
        """,
        CREW,
        BOB,
        CY,
        there_are,
    )
    await read_tables.connection.execute("UPDATE conversations SET last_seq = $1", there_are)
    await read_tables.connection.execute("ANALYZE messages, participants, conversations")

    assert (await read_tables.answer(ADA, f"{PATH}/unread"))["count"] == there_are - 2
    counting = (
        f"SELECT {UNREAD_COUNT} FROM participants AS me JOIN conversations USING (conversation_id) WHERE user_id = $1"
    )
    nodes = await plan_of(read_tables.connection, counting, ADA)
    looked_at = [node for node in nodes if node.get("Relation Name") == "messages"]
    assert len(looked_at) == 2
    assert sum(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in looked_at) == 2
