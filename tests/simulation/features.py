"""What the people of some simulations ask for: things of the real features, of two conversations and of one person."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random

from services.command.app import FEATURES
from services.command.deciding import Command, Decider
from services.command.features.bookmarks.decider import (
    ChangeBookmarkNote,
    SwitchBookmarkOff,
    SwitchBookmarkOn,
    Target,
    ToggleBookmark,
)
from services.command.features.contact_policies.decider import SetContactPolicy
from services.command.features.contact_policies.facts import ContactPolicyOf
from services.command.features.conversations.decider import (
    AcceptMessageRequest,
    AddParticipant,
    ArchiveConversation,
    ChangeConversation,
    ChangeParticipantRole,
    ClearConversation,
    DeclineMessageRequest,
    DeleteConversation,
    PinConversation,
    RemoveParticipant,
    StartConversation,
    UnarchiveConversation,
    UnpinConversation,
)
from services.command.features.files.decider import UploadFile
from services.command.features.files.facts import File, OwnFiles
from services.command.features.messages.decider import (
    EditMessage,
    MarkDelivered,
    MarkRead,
    RemoveReaction,
    SendMessage,
    SetReaction,
    UnsendMessage,
)
from services.command.features.messages.facts import MayReadMessage
from services.command.features.people.decider import ChangeProfile, DeactivateUser, RegisterUser
from services.command.features.statuses.decider import ClearStatus, SetDnd, SetStatus
from shared.identifiers import (
    ConversationId,
    FileId,
    MessageId,
    StreamId,
    StreamKind,
    UserId,
    bookmark_id_of,
    command_id_of,
    derived_id,
)
from tests.simulation.boards import ROUTE

FEATURE_DECIDERS: tuple[Decider, ...] = tuple(decider for feature in FEATURES for decider in feature.deciders)
PEOPLE = tuple(UserId(derived_id("simulated", name)) for name in ("ann", "ben", "cy"))
ANN, BEN, CY = PEOPLE
GROUP, PAIR = (ConversationId(derived_id("simulated", name)) for name in ("group", "pair"))
STREAMS = {
    StreamId(GROUP): StreamKind.CONVERSATIONS,
    StreamId(PAIR): StreamKind.CONVERSATIONS,
    StreamId(ANN): StreamKind.USERS,
}
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
KEYS_EACH = 6


def first_message(conversation_id: ConversationId, by: UserId) -> MessageId:
    """The id of the message that somebody sends next after they began."""
    return MessageId(command_id_of(conversation_id, by, ROUTE, key_of(PEOPLE.index(by), 1)))


def first_file(by: UserId) -> FileId:
    """The id of the file that somebody makes Ann's, if that is what they ask next after they began."""
    return FileId(command_id_of(ANN, by, ROUTE, key_of(PEOPLE.index(by), 1)))


def key_of(person: int, number: int) -> str:
    """The key under which one of them asks for the first, second … thing, both counted from 0."""
    return f"{person}-{number}"


def some_commands(chance: Random, by: UserId) -> Iterator[Command]:
    """What somebody asks, one thing after another: with both others, with one, or of what is Ann's own."""
    place = chance.choice((GROUP, GROUP, PAIR if by != CY else GROUP, None))
    return _of_ann(chance) if place is None else _of_conversation(chance, place, by)


def _of_ann(chance: Random) -> Iterator[Command]:
    yield RegisterUser(ANN, "ann", "Ann")
    for _ in range(KEYS_EACH - 1):
        yield chance.choice(OF_ANN)(chance)


def _of_conversation(chance: Random, place: ConversationId, by: UserId) -> Iterator[Command]:
    yield _begin(place, by)
    yield SendMessage(place, f"said by {by}", derived_id("client", by))
    for _ in range(KEYS_EACH - 2):
        yield chance.choice(OF_GROUPS if place == GROUP else OF_PAIRS)(chance, place)


def _begin(conversation: ConversationId, by: UserId) -> StartConversation:
    if conversation == PAIR:
        others = [each for each in (ANN, BEN) if each != by]
        return StartConversation(PAIR, "direct", others, contact_policy="request")
    return StartConversation(GROUP, "group", [each for each in PEOPLE if each != by], "Crew")


def _some_message(chance: Random, place: ConversationId) -> MessageId:
    return first_message(place, chance.choice(PEOPLE))


def _text(chance: Random) -> str:
    return chance.choice(("buy", "bought"))


OF_PAIRS: Sequence[Callable[[Random, ConversationId], Command]] = (
    lambda chance, place: SendMessage(place, _text(chance), derived_id("client", str(chance.random()))),
    lambda chance, place: EditMessage(place, _some_message(chance, place), _text(chance)),
    lambda chance, place: UnsendMessage(place, _some_message(chance, place)),
    lambda chance, place: SetReaction(place, _some_message(chance, place), chance.choice(("like", "sad"))),
    lambda chance, place: RemoveReaction(place, _some_message(chance, place)),
    lambda chance, place: MarkDelivered(place, chance.randint(1, 3)),
    lambda chance, place: MarkRead(place, chance.randint(1, 3)),
    lambda chance, place: MayReadMessage(place, _some_message(chance, place), chance.choice(PEOPLE)),
    lambda _, place: PinConversation(place),
    lambda _, place: UnpinConversation(place),
    lambda _, place: ArchiveConversation(place),
    lambda _, place: UnarchiveConversation(place),
    lambda _, place: ClearConversation(place),
    lambda _, place: AcceptMessageRequest(place),
    lambda _, place: DeclineMessageRequest(place),
)
OF_GROUPS: Sequence[Callable[[Random, ConversationId], Command]] = (
    *OF_PAIRS[:-2],
    lambda chance, place: ChangeConversation(place, _text(chance)),
    lambda _, place: AddParticipant(place, CY),
    lambda chance, place: RemoveParticipant(place, chance.choice(PEOPLE)),
    lambda chance, place: ChangeParticipantRole(place, chance.choice(PEOPLE), chance.choice(("owner", "admin"))),
    lambda _, place: DeleteConversation(place),
)
KEPT = Target("message", first_message(GROUP, ANN), GROUP)
OF_ANN: Sequence[Callable[[Random], Command]] = (
    lambda chance: ChangeProfile(ANN, _text(chance), None),
    lambda chance: SetContactPolicy(ANN, chance.choice(("open", "request"))),
    lambda _: ContactPolicyOf(ANN),
    lambda chance: SetStatus(ANN, None, _text(chance), chance.random() < 0.5, None, LONG_AGO),
    lambda chance: SetDnd(ANN, chance.random() < 0.5),
    lambda _: ClearStatus(ANN),
    lambda chance: ToggleBookmark(ANN, KEPT, _text(chance), True),
    lambda chance: SwitchBookmarkOn(ANN, KEPT, _text(chance), True),
    lambda _: SwitchBookmarkOff(ANN, KEPT),
    lambda chance: ChangeBookmarkNote(ANN, bookmark_id_of(ANN, KEPT.type, KEPT.id), _text(chance)),
    lambda chance: UploadFile(ANN, File(_text(chance), "text/plain", 4, "0" * 64)),
    lambda chance: OwnFiles(ANN, (first_file(chance.choice(PEOPLE)),)),
    lambda _: DeactivateUser(ANN),
)
