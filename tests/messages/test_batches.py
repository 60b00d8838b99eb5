"""However a story of messages is cut into batches, and however often it comes, the tables are the same."""

from random import Random
from typing import Any

import pytest

from services.projector.projections import PROJECTIONS
from shared.events.conversations import (
    ConversationDeleted,
    ConversationRenamed,
    ConversationStarted,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRoleChanged,
)
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
from shared.identifiers import MessageId, UserId, derived_id
from tests.fixtures.read_tables import ReadTables, group_of, person
from tests.messages.crew import ADA, BOB, MEDIA, said

TOLD = ("conversations", "participants", "messages", "message_attachments", "message_reactions", "marker_moves")


@pytest.mark.parametrize("seed", range(3))
async def test_however_a_story_is_cut_into_batches_the_tables_are_the_same(read_tables: ReadTables, seed: int) -> None:
    chance = Random(seed)
    story = a_story(read_tables, chance)
    await read_tables.project(*story)
    at_once = await everything(read_tables)
    await read_tables.project(*story)
    twice = await everything(read_tables)
    behind = chance.randrange(len(story))
    await read_tables.project(*story[behind:])
    rewound = await everything(read_tables)
    await read_tables.connection.execute(f"TRUNCATE {', '.join(at_once)}")
    for part in cut(story, chance):
        await read_tables.project(*part)

    assert all(at_once[table] for table in TOLD)
    assert at_once == twice == rewound == await everything(read_tables)


async def everything(read_tables: ReadTables) -> dict[str, list[dict[str, Any]]]:
    return {table: await read_tables.rows(table) for projection in PROJECTIONS for table in projection.tables}


def cut(story: list[Recorded], chance: Random) -> list[list[Recorded]]:
    places = sorted(chance.sample(range(1, len(story)), 20))
    return [story[start:end] for start, end in zip([0, *places], [*places, len(story)], strict=True)]


def a_story(read_tables: ReadTables, chance: Random) -> list[Recorded]:
    """What 6 people may do in 4 conversations, of which one is deleted at the end."""
    conversations = [Told(read_tables, group_of(str(number)), chance) for number in range(4)]
    for _ in range(300):
        chance.choice(conversations).goes_on()
    conversations[0].events += read_tables.recorded(conversations[0].id, ADA, ConversationDeleted())
    waiting = [iter(each.events) for each in conversations]
    mixed: list[Recorded] = []
    while waiting:
        chosen = chance.choice(waiting)
        event = next(chosen, None)
        if event is None:
            waiting.remove(chosen)
        else:
            mixed.append(event)
    return mixed


class Told:
    """A conversation in a story: it goes on by something that the rules allow."""

    def __init__(self, read_tables: ReadTables, conversation_id: str, chance: Random) -> None:
        self.read_tables, self.id, self.chance = read_tables, conversation_id, chance
        self.people = [person(name) for name in ("Ada", "Bob", "Cy", "Dot", "Eve", "Fay")]
        self.markers: dict[UserId, list[int]] = {ADA: [0, 0], BOB: [0, 0]}
        self.seq = 0
        self.shown: list[MessageId] = []
        self.events: list[Recorded] = []
        self.happens(ADA, ConversationStarted("group", (BOB,), "Story"))

    def happens(self, actor: UserId, event: Any) -> MessageId:
        self.events += self.read_tables.recorded(self.id, actor, event)
        return MessageId(self.events[-1].command_id)

    def goes_on(self) -> None:
        often, seldom = (self.speak, self.react, self.move), (self.edit, self.unsend, self.come, self.go, self.change)
        self.chance.choice([*often, *often, *seldom])()

    def speak(self) -> None:
        self.seq += 1
        reply_to = self.chance.choice([None, *self.shown])
        more = self.chance.choice([{}, {"content_type": "media", "attachments": MEDIA}])
        text = said(self.seq, f"text {self.seq}", reply_to_id=reply_to, **more)
        self.shown.append(self.happens(self.somebody(), text))

    def edit(self) -> None:
        if self.shown:
            self.happens(ADA, MessageEdited(self.chance.choice(self.shown), f"edit {len(self.events)}"))

    def react(self) -> None:
        if self.shown:
            message_id = self.chance.choice(self.shown)
            reactions = [ReactionSet(message_id, "like"), ReactionSet(message_id, "wow"), ReactionRemoved(message_id)]
            self.happens(self.somebody(), self.chance.choice(reactions))

    def unsend(self) -> None:
        if len(self.shown) > 2:
            self.happens(ADA, MessageUnsent(self.shown.pop(self.chance.randrange(len(self.shown)))))

    def move(self) -> None:
        who = self.somebody()
        delivered, read = self.markers[who]
        kind, stands = self.chance.choice([(MessagesDelivered, delivered), (MessagesRead, read)])
        if stands < self.seq:
            seq = self.chance.randint(stands + 1, self.seq)
            self.markers[who] = [max(delivered, seq), read if kind is MessagesDelivered else seq]
            self.happens(who, kind(seq))

    def come(self) -> None:
        outside = [each for each in self.people if each not in self.markers]
        if outside:
            who = self.chance.choice(outside)
            self.markers[who] = [self.seq, self.seq]
            self.happens(ADA, ParticipantAdded(who, self.seq))
            self.seq += 1
            notice = MessageId(derived_id(self.id, str(self.seq)))
            self.happens(ADA, SystemMessageSent(notice, self.seq, "participant_added", about_id=who))

    def go(self) -> None:
        who = self.somebody()
        if who != ADA:
            del self.markers[who]
            self.happens(who, ParticipantLeft())

    def change(self) -> None:
        self.happens(ADA, ConversationRenamed(f"title {len(self.events)}"))
        self.happens(ADA, ParticipantRoleChanged(self.somebody(), self.chance.choice(["admin", "member"])))

    def somebody(self) -> UserId:
        return self.chance.choice(list(self.markers))
