"""Whatever people do in a conversation, in any order: what must always be true of it, and of its messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import given as whatever
from hypothesis import strategies as st
from msgspec import UNSET

from services.command.deciding import Command, Decision, Refusal, Unchanged
from services.command.features.conversations.conversation import CONVERSATION, PARTICIPANT, Conversation, Participant
from services.command.features.conversations.decider import (
    AddParticipant,
    ArchiveConversation,
    ChangeConversation,
    ChangeParticipantRole,
    ClearConversation,
    DeleteConversation,
    PinConversation,
    RemoveParticipant,
    StartConversation,
    UnarchiveConversation,
    UnpinConversation,
)
from services.command.features.conversations.refusals import NothingHere
from services.command.features.messages.decider import (
    EditMessage,
    ImportMessage,
    MarkDelivered,
    MarkRead,
    RemoveReaction,
    SendMessage,
    SetReaction,
    UnsendMessage,
)
from services.command.features.messages.numbering import MESSAGE, NUMBERING
from shared.events.conversations import ConversationKind, ConversationStarted
from shared.events.domain_event import DomainEvent, Recorded
from shared.events.messages import (
    MessageSent,
    MessageUnsent,
    ReactionKind,
    ReactionRemoved,
    ReactionSet,
    SystemMessageSent,
)
from shared.identifiers import CommandId, ConversationId, MessageId, UserId, derived_id
from tests.conversations.examples import ANN, BEN, CREW, CY, DOT, PAIR, nothing_yet
from tests.specs.deciding import NOON, Scene

PEOPLE = (ANN, BEN, CY, DOT)
KINDS: tuple[ConversationKind, ...] = ("group", "group", "direct", "agent")
Step = tuple[UserId, str, UserId, int]
COMING_AND_GOING = ("add", "add-admin", "remove", "leave", "admin", "member", "owner", "rename", "agent", "start")
ARRANGING: dict[str, Callable[[ConversationId], Command]] = {
    "pin": PinConversation,
    "unpin": UnpinConversation,
    "archive": ArchiveConversation,
    "unarchive": UnarchiveConversation,
    "clear": ClearConversation,
    "delete": DeleteConversation,
}
TALKING = ("send", "send", "reply", "import", "edit", "unsend", "like", "love", "unreact", "delivered", "read")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from([*COMING_AND_GOING, *ARRANGING, *TALKING]),
        st.sampled_from(PEOPLE),
        st.integers(0, 6),
    ),
    max_size=40,
)


@dataclass
class Life:
    """One conversation, from its start on."""

    kind: ConversationKind
    scene: Scene = field(init=False)
    decision: Decision = ()
    new: Sequence[Recorded] = ()

    def __post_init__(self) -> None:
        self.conversation_id: ConversationId = PAIR if self.kind == "direct" else CREW
        self.scene = nothing_yet(self.conversation_id)
        self.live((ANN, "start", BEN, 0))

    def live(self, step: Step) -> None:
        """One thing is asked, and what follows happens."""
        by, what, about, number = step
        command_id = CommandId(derived_id("life", str(self.scene.commands), what, by))
        before = len(self.scene.events)
        command = self.command(what, by, about, number)
        self.decision = self.scene.when(command, by=by, command_id=command_id).decision
        self.new = self.scene.events[before:]

    def command(self, what: str, by: UserId, about: UserId, number: int) -> Command:  # noqa: PLR0911  # one for each
        """What is asked."""
        here = self.conversation_id
        match what:
            case "start":
                agent, title = (about, None) if self.kind == "agent" else (None, "Crew")
                title = None if self.kind == "direct" else title
                return StartConversation(here, self.kind, [BEN] if self.kind != "agent" else [], title, None, agent)
            case "add":
                return AddParticipant(here, about)
            case "add-admin":
                return AddParticipant(here, about, "admin")
            case "remove":
                return RemoveParticipant(here, about)
            case "leave":
                return RemoveParticipant(here, by)
            case "admin" | "member" | "owner" as role:
                return ChangeParticipantRole(here, about, role)
            case "rename":
                return ChangeConversation(here, title=f"Crew {number % 2}")
            case "agent":
                return ChangeConversation(here, title=UNSET, agent_id=about)
            case _ if what in ARRANGING:
                return ARRANGING[what](here)
            case _:
                return self.talk(what, number)

    def talk(self, what: str, number: int) -> Command:  # noqa: PLR0911  # one for each
        """What is asked about messages."""
        here, content = self.conversation_id, "x" * (number % 3 + 1)
        match what:
            case "reply":
                return SendMessage(here, content, "client", self.message_id(number))
            case "import":
                return ImportMessage(here, content, "client", NOON)
            case "edit":
                return EditMessage(here, self.message_id(number), content)
            case "unsend":
                return UnsendMessage(here, self.message_id(number))
            case "like" | "love" as reaction:
                return SetReaction(here, self.message_id(number), reaction)
            case "unreact":
                return RemoveReaction(here, self.message_id(number))
            case "delivered":
                return MarkDelivered(here, number)
            case "read":
                return MarkRead(here, number)
            case _:
                return SendMessage(here, content, "client")

    def message_id(self, number: int) -> MessageId:
        """One of the messages so far, or one that does not exist."""
        ids = [key for (_, kind, key) in self.scene.copy.rows if kind == MESSAGE.name]
        return MessageId(ids[number % len(ids)] if ids else derived_id("nothing"))

    @property
    def conversation(self) -> Conversation:
        """The small state; it is there from the start on."""
        found: Conversation | None = self.scene.copy.streams[self.scene.stream_id].parts[CONVERSATION.name]
        assert found is not None
        return found

    @property
    def participants(self) -> dict[str, Participant]:
        """Who is in it now."""
        rows = {key: row.value for (_, kind, key), row in self.scene.copy.rows.items() if kind == PARTICIPANT.name}
        return {key: value for key, value in rows.items() if value is not None}


def lived(kind: ConversationKind, steps: Sequence[Step]) -> Life:
    life = Life(kind)
    for step in steps:
        life.live(step)
    return life


def number_of(event: DomainEvent) -> int | None:
    return event.seq if isinstance(event, MessageSent | SystemMessageSent) else None


KIND = st.sampled_from(KINDS)
often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@whatever(KIND, STEPS)
def test_messages_are_numbered_without_a_gap(kind: ConversationKind, steps: list[Step]) -> None:
    life = lived(kind, steps)
    numbers = [number for number in (number_of(each.event) for each in life.scene.events) if number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert life.scene.copy.streams[life.scene.stream_id].parts[NUMBERING.name].last_seq == len(numbers)


@often
@whatever(KIND, STEPS)
def test_a_living_conversation_has_exactly_one_owner_and_a_direct_one_none(
    kind: ConversationKind, steps: list[Step]
) -> None:
    life = Life(kind)
    for step in steps:
        life.live(step)
        owners = [user_id for user_id, each in life.participants.items() if each.role == "owner"]
        if kind == "direct":
            assert owners == []
        elif not life.conversation.deleted:
            assert owners == [life.conversation.owner_id]
        assert life.conversation.participant_count == len(life.participants)
        assert life.conversation.deleted or life.participants


@often
@whatever(STEPS)
def test_the_two_of_a_direct_conversation_stay(steps: list[Step]) -> None:
    life = lived("direct", steps)
    assert set(life.participants) == {ANN, BEN}
    assert not any(isinstance(each.event, SystemMessageSent) for each in life.scene.events)


@often
@whatever(KIND, STEPS)
def test_markers_never_go_back_nor_past_the_last_message_while_somebody_stays(
    kind: ConversationKind, steps: list[Step]
) -> None:
    life = Life(kind)
    before = dict(life.participants)
    for step in steps:
        life.live(step)
        last_seq = life.scene.copy.streams[life.scene.stream_id].parts[NUMBERING.name].last_seq
        for user_id, now in life.participants.items():
            assert now.read_seq <= now.delivered_seq <= last_seq
            then = before.get(user_id)
            if then is not None and then.joined_version == now.joined_version:
                assert then.read_seq <= now.read_seq
                assert then.delivered_seq <= now.delivered_seq
        before = dict(life.participants)


@often
@whatever(KIND, STEPS)
def test_every_reaction_changes_something_and_none_comes_to_an_unsent_message(
    kind: ConversationKind, steps: list[Step]
) -> None:
    unsent = set[MessageId]()
    present: dict[tuple[MessageId, UserId], ReactionKind] = {}
    for each in lived(kind, steps).scene.events:
        match each.event:
            case MessageUnsent(message_id=message_id):
                unsent.add(message_id)
            case ReactionSet(message_id=message_id, kind=reaction):
                assert message_id not in unsent
                assert present.get((message_id, each.actor)) != reaction
                present[message_id, each.actor] = reaction
            case ReactionRemoved(message_id=message_id):
                assert message_id not in unsent
                del present[message_id, each.actor]
            case _:
                pass


@often
@whatever(KIND, STEPS)
def test_what_somebody_cleared_only_grows_while_they_stay_and_ends_at_the_last_message(
    kind: ConversationKind, steps: list[Step]
) -> None:
    life = Life(kind)
    for step in steps:
        by, what, _, _ = step
        before = life.participants.get(by)
        life.live(step)
        now, numbering = life.participants.get(by), life.scene.copy.streams[life.scene.stream_id].parts[NUMBERING.name]
        if before is None or now is None or life.conversation.deleted:
            continue
        if what == "clear":
            assert now.cleared_seq == numbering.last_seq >= (before.cleared_seq or 0)
        else:
            assert now.cleared_seq == before.cleared_seq


@often
@whatever(st.sampled_from(["group", "agent"]), STEPS)
def test_a_deleted_conversation_accepts_nothing(kind: ConversationKind, steps: list[Step]) -> None:
    life = Life(kind)
    life.live((ANN, "delete", BEN, 0))
    for step in steps:
        life.live(step)
        assert isinstance(life.decision, NothingHere)


@often
@whatever(KIND, STEPS)
def test_who_is_not_in_it_changes_nothing_and_is_told_nothing(kind: ConversationKind, steps: list[Step]) -> None:
    life = Life(kind)
    for step in steps:
        by, what, _, _ = step
        present = by in life.participants
        life.live(step)
        if not present and what == "start" and not life.conversation.deleted:
            assert isinstance(life.decision, Unchanged)
        elif not present and what != "import":
            assert isinstance(life.decision, NothingHere)


@often
@whatever(KIND, STEPS)
def test_the_same_thing_asked_again_at_once_changes_nothing_more(kind: ConversationKind, steps: list[Step]) -> None:
    life = Life(kind)
    for step in steps:
        life.live(step)
        if step[1] in {"send", "reply", "import"}:
            continue  # those are told apart by their keys alone
        life.live(step)
        assert isinstance(life.decision, Refusal | Unchanged) or not life.decision


def test_the_first_event_is_the_start() -> None:
    assert isinstance(Life("group").scene.events[0].event, ConversationStarted)
