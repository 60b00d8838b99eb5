"""What the tables hold of messages, their earlier texts and how far they were read, after what happened."""

from datetime import UTC, datetime
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
    Attachment,
    MessageEdited,
    MessagesDelivered,
    MessageSent,
    MessagesRead,
    MessageUnsent,
    ReactionRemoved,
    ReactionSet,
    SystemMessageSent,
)
from shared.identifiers import FileId, MessageId, UserId, derived_id
from tests.fixtures.read_tables import ReadTables, at, batch, group_of, person

ADA, BOB, CY, ROBOT = person("Ada"), person("Bob"), person("Cy"), person("Robot")
CREW = group_of("crew")
LONG_AGO = datetime(2015, 5, 1, 9, 30, tzinfo=UTC)
NOTICE = MessageId(derived_id("notice"))
SHELL = FileId(derived_id("file", "shell"))
MEDIA = (Attachment("image", SHELL, name="shell.png"), Attachment("video", url="https://media.example/1", duration=9.5))
TOLD = ("conversations", "participants", "messages", "message_attachments", "message_reactions", "marker_moves")


def said(seq: int, content: str = "hello", **more: Any) -> MessageSent:
    return MessageSent(seq, content, derived_id("client", str(seq)), **more)


def its_id(recorded: list[Recorded]) -> MessageId:
    return MessageId(recorded[0].command_id)


async def test_a_message_is_there_as_it_was_sent(read_tables: ReadTables) -> None:
    first = await read_tables.happened(CREW, ADA, said(1, "  zwölf\u200d \U0001f469\u200d\U0001f680\n"))
    reply = await read_tables.happened(
        CREW, ROBOT, said(2, "*beep*", reply_to_id=first, role="assistant", agent_id=ROBOT, occurred_at=LONG_AGO)
    )

    nothing = dict.fromkeys(("notice", "about_id", "notice_title", "notice_role", "edited_at", "shared_post_id"))
    assert await read_tables.row("messages", message_id=first) == nothing | {
        "message_id": first, "conversation_id": CREW, "seq": 1, "sender_id": ADA, "role": "user",
        "client_message_id": derived_id("client", "1"), "content_type": "text",
        "content": "  zwölf\u200d \U0001f469\u200d\U0001f680\n", "reply_to_id": None, "agent_id": None,
        "created_at": at(1), "occurred_at": None, "updated_at": at(1), "unsent": False, "flagged": False,
    }  # fmt: skip
    assert await read_tables.row("messages", message_id=reply) == nothing | {
        "message_id": reply, "conversation_id": CREW, "seq": 2, "sender_id": ROBOT, "role": "assistant",
        "client_message_id": derived_id("client", "2"), "content_type": "text", "content": "*beep*",
        "reply_to_id": first, "agent_id": ROBOT,
        "created_at": at(2), "occurred_at": LONG_AGO, "updated_at": at(2), "unsent": False, "flagged": False,
    }  # fmt: skip


async def test_a_system_message_keeps_what_its_sentence_is_made_of(read_tables: ReadTables) -> None:
    await read_tables.happened(
        CREW, ADA, SystemMessageSent(NOTICE, 1, "role_changed", about_id=BOB, title=None, role="admin")
    )
    other = MessageId(derived_id("other notice"))
    await read_tables.happened(CREW, ADA, SystemMessageSent(other, 2, "renamed", title="Crew"))

    row, renamed = await read_tables.row("messages", message_id=NOTICE), await read_tables.row("messages", seq=2)
    assert row is not None
    assert (row["role"], row["content"], row["content_type"], row["sender_id"]) == ("system", None, "text", ADA)
    assert (row["notice"], row["about_id"], row["notice_title"], row["notice_role"]) == (
        "role_changed", BOB, None, "admin"
    )  # fmt: skip
    assert renamed is not None
    assert (renamed["message_id"], renamed["notice"], renamed["notice_title"]) == (other, "renamed", "Crew")


async def test_an_edited_message_keeps_every_text_it_had(read_tables: ReadTables) -> None:
    sent = read_tables.recorded(CREW, ADA, said(1, "one"))
    edited = read_tables.recorded(CREW, ADA, MessageEdited(its_id(sent), "two"), MessageEdited(its_id(sent), "three"))
    await read_tables.project(*sent, *edited)
    await read_tables.happened(CREW, ADA, MessageEdited(its_id(sent), "four", occurred_at=LONG_AGO))

    row = await read_tables.row("messages", message_id=its_id(sent))
    assert row is not None
    assert (row["content"], row["edited_at"], row["updated_at"]) == ("four", LONG_AGO, at(3))
    texts = sorted(await read_tables.rows("message_edits"), key=lambda edit: edit["version"])
    assert [(edit["version"], edit["content"], edit["edited_at"]) for edit in texts] == [
        (0, "one", at(1)),
        (2, "two", at(2)),
        (3, "three", at(2)),
        (4, "four", LONG_AGO),
    ]


async def test_of_an_unsent_message_only_its_place_stays(read_tables: ReadTables) -> None:
    first = await read_tables.happened(CREW, ADA, said(1))
    sent = read_tables.recorded(CREW, ADA, said(2, "secret", reply_to_id=first))
    edited = read_tables.recorded(CREW, ADA, MessageEdited(its_id(sent), "more secret"))
    unsent = read_tables.recorded(CREW, BOB, MessageUnsent(its_id(sent)))
    await read_tables.project(*sent, *edited, *unsent)
    at_once = await read_tables.row("messages", message_id=its_id(sent))
    await read_tables.project(*edited)
    await read_tables.project(*sent, *edited, *unsent)

    assert at_once == await read_tables.row("messages", message_id=its_id(sent))
    assert at_once is not None
    assert (at_once["seq"], at_once["sender_id"], at_once["unsent"], at_once["updated_at"]) == (2, ADA, True, at(4))
    assert (at_once["content"], at_once["reply_to_id"], at_once["edited_at"]) == (None, None, None)
    assert await read_tables.rows("message_edits") == []


async def test_what_goes_with_a_message_is_there_in_its_order(read_tables: ReadTables) -> None:
    await read_tables.happened(CREW, ADA, said(1))
    sent = await read_tables.happened(CREW, ADA, said(2, "", content_type="media", attachments=MEDIA))
    row = await read_tables.row("messages", message_id=sent)

    assert row is not None
    assert (row["content"], row["content_type"]) == ("", "media")
    nothing = dict.fromkeys(("file_id", "url", "name", "duration", "width", "height"))
    of_this = nothing | {"conversation_id": CREW, "message_id": sent}
    rows = sorted(await read_tables.rows("message_attachments"), key=lambda each: each["place"])
    assert rows == [
        of_this | {"place": 0, "kind": "image", "file_id": SHELL, "name": "shell.png", "sort_order": 0},
        of_this | {"place": 1, "kind": "video", "url": "https://media.example/1", "duration": 9.5, "sort_order": 0},
    ]


async def test_an_unsent_message_has_no_attachments_however_the_batches_are_cut(read_tables: ReadTables) -> None:
    other = await read_tables.happened(CREW, ADA, said(1, "", content_type="media", attachments=MEDIA))
    sent = read_tables.recorded(CREW, ADA, said(2, "", content_type="media", attachments=MEDIA))
    unsent = read_tables.recorded(CREW, ADA, MessageUnsent(its_id(sent)))

    async def attached_to() -> set[str]:
        return {row["message_id"] for row in await read_tables.rows("message_attachments")}

    await read_tables.project(*sent)
    seen = [await attached_to()]
    for again in (unsent, sent, [*sent, *unsent]):
        await read_tables.project(*again)
        seen.append(await attached_to())

    assert seen == [{other, its_id(sent)}, {other}, {other}, {other}]


async def test_a_shared_post_is_named_until_it_is_unsent(read_tables: ReadTables) -> None:
    post = derived_id("post", "the regatta")
    sent = await read_tables.happened(CREW, ADA, said(1, "", content_type="shared_post", shared_post_id=post))
    shared = await read_tables.row("messages", message_id=sent)
    await read_tables.happened(CREW, ADA, MessageUnsent(sent))
    unsent = await read_tables.row("messages", message_id=sent)

    assert [row and row["shared_post_id"] for row in (shared, unsent)] == [post, None]


async def test_the_present_text_says_whether_a_message_is_flagged(read_tables: ReadTables) -> None:
    async def flagged(message_id: MessageId) -> bool:
        row = await read_tables.row("messages", message_id=message_id)
        assert row is not None
        return bool(row["flagged"])

    sent = await read_tables.happened(CREW, ADA, said(1, "scurvy", flagged=True, policy_version="v1"))
    seen = [await flagged(sent)]
    await read_tables.happened(CREW, ADA, MessageEdited(sent, "sorry"))
    seen.append(await flagged(sent))
    await read_tables.happened(CREW, ADA, MessageEdited(sent, "scurvy!", flagged=True, policy_version="v2"))
    seen.append(await flagged(sent))
    await read_tables.happened(CREW, ADA, MessageUnsent(sent))

    assert [*seen, await flagged(sent)] == [True, False, True, False]


async def test_of_each_persons_reactions_to_a_message_the_last_is_there(read_tables: ReadTables) -> None:
    sent = read_tables.recorded(CREW, ADA, said(1))
    await read_tables.project(
        *sent,
        *batch(
            read_tables.recorded(CREW, BOB, ReactionSet(its_id(sent), "like")),
            read_tables.recorded(CREW, CY, ReactionSet(its_id(sent), "like")),
            read_tables.recorded(CREW, BOB, ReactionSet(its_id(sent), "sad")),
            read_tables.recorded(CREW, CY, ReactionRemoved(its_id(sent))),
            read_tables.recorded(CREW, ADA, ReactionSet(its_id(sent), "pray")),
            read_tables.recorded(CREW, ADA, ReactionRemoved(its_id(sent))),
            read_tables.recorded(CREW, ADA, ReactionSet(its_id(sent), "wow")),
        ),
    )

    rows = await read_tables.rows("message_reactions")
    assert {tuple(row.values()) for row in rows} == {
        (CREW, its_id(sent), BOB, "sad", at(4)),
        (CREW, its_id(sent), ADA, "wow", at(8)),
    }


async def test_an_unsent_message_has_no_reactions_however_the_batches_are_cut(read_tables: ReadTables) -> None:
    other = await read_tables.happened(CREW, ADA, said(1))
    await read_tables.happened(CREW, BOB, ReactionSet(other, "love"))
    sent = read_tables.recorded(CREW, ADA, said(2))
    unsent = read_tables.recorded(CREW, ADA, MessageUnsent(its_id(sent)))
    reacted = read_tables.recorded(CREW, BOB, ReactionSet(its_id(sent), "like"))
    await read_tables.project(*sent, *reacted, *unsent)
    left = [[row["message_id"] for row in await read_tables.rows("message_reactions")]]
    await read_tables.project(*reacted)
    left.append([row["message_id"] for row in await read_tables.rows("message_reactions")])

    assert left == [[other], [other]]


async def test_each_move_of_a_marker_is_kept(read_tables: ReadTables) -> None:
    await read_tables.project(
        *batch(
            read_tables.recorded(CREW, BOB, MessagesDelivered(1)),
            read_tables.recorded(CREW, BOB, MessagesDelivered(3)),
            read_tables.recorded(CREW, BOB, MessagesRead(3)),
            read_tables.recorded(CREW, CY, MessagesRead(3)),
        )
    )

    rows = await read_tables.rows("marker_moves")
    assert {(row["user_id"], row["kind"], row["seq"], row["moved_at"]) for row in rows} == {
        (BOB, "delivered", 1, at(1)),
        (BOB, "delivered", 3, at(2)),
        (BOB, "read", 3, at(3)),
        (CY, "read", 3, at(4)),
    }


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
