"""A crew that talks: what tests of tables and questions about messages begin with."""

from typing import Any

from shared.events.conversations import ConversationStarted
from shared.events.messages import Attachment, MessageSent, SystemMessageSent
from shared.identifiers import ConversationId, FileId, MessageId, UserId, derived_id
from tests.fixtures.read_tables import ReadTables, batch, group_of, person

ADA, BOB, CY, ROBOT = person("Ada"), person("Bob"), person("Cy"), person("Robot")
CREW, OTHER = group_of("crew"), group_of("other")
SHELL = FileId(derived_id("file", "shell"))
MEDIA = (Attachment("image", SHELL, name="shell.png"), Attachment("video", url="https://media.example/1", duration=9.5))


def said(seq: int, content: str = "hello", **more: Any) -> MessageSent:
    return MessageSent(seq, content, derived_id("client", str(seq)), **more)


def noted(seq: int, about: UserId | None = None) -> SystemMessageSent:
    return SystemMessageSent(MessageId(derived_id("notice", str(seq))), seq, "participant_added", about_id=about)


async def a_crew(read_tables: ReadTables, *others: UserId, of: ConversationId = CREW) -> None:
    await read_tables.happened(of, ADA, ConversationStarted("group", others or (BOB, CY), "Crew"))


async def the(read_tables: ReadTables, message_id: str, by: UserId = ADA) -> dict[str, Any]:
    found: dict[str, Any] = await read_tables.answer(by, f"/conversations/{CREW}/messages/{message_id}")
    return found


async def fill(read_tables: ReadTables, last_seq: int, by: UserId = BOB) -> None:
    await read_tables.project(*batch(*(read_tables.recorded(CREW, by, said(seq)) for seq in range(1, last_seq + 1))))
