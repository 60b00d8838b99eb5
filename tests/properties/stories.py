"""Stories: what is asked of one stream, one after another. Each decider joins by a line in ASKED."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from hypothesis import strategies as st

from services.command.app import FEATURES
from services.command.deciding import Command, Decider
from services.command.features.bookmarks.decider import BOOKMARKS
from services.command.features.contact_policies.decider import CONTACT_POLICIES
from services.command.features.conversations.decider import CONVERSATIONS
from services.command.features.files.decider import FILES
from services.command.features.messages.decider import MESSAGES
from services.command.features.people.decider import PEOPLE as PROFILES
from services.command.features.statuses.decider import STATUSES
from shared.identifiers import StreamKind, UserId
from tests.bookmarks import commands as of_bookmarks
from tests.contact_policies import commands as of_contact_policies
from tests.conversations import commands as of_conversations
from tests.conversations.examples import ANN, BEN, CY, DOT
from tests.files import commands as of_files
from tests.messages import commands as of_messages
from tests.people import commands as of_people
from tests.properties.likely import ENDINGS, LIKELY, OPENINGS, By
from tests.statuses import commands as of_statuses

CHAPTERS, CHAPTER_ASKS = 3, 8
"""Hypothesis makes short lists, and drops what it can from them: a few in a row make a longer story."""
CLOCK_MOVES = [timedelta(milliseconds=move) for move in (0, 1, 2, -1)]
DECIDERS: tuple[Decider, ...] = tuple(decider for feature in FEATURES for decider in feature.deciders)
ASKED: Mapping[str, st.SearchStrategy[Command]] = {
    PROFILES.name: of_people.COMMANDS,
    CONTACT_POLICIES.name: of_contact_policies.COMMANDS,
    STATUSES.name: of_statuses.COMMANDS,
    FILES.name: of_files.COMMANDS,
    BOOKMARKS.name: of_bookmarks.COMMANDS,
    CONVERSATIONS.name: of_conversations.COMMANDS,
    MESSAGES.name: of_messages.COMMANDS,
}
"""Whatever may be asked of each decider, by its name."""
BEGINNINGS: Mapping[StreamKind, st.SearchStrategy[Command]] = {
    StreamKind.USERS: of_people.REGISTERING,
    StreamKind.CONVERSATIONS: of_conversations.STARTING,
}
"""What is asked first: before it little else is accepted."""


@dataclass(frozen=True)
class Ask:
    """Somebody asks for something: so long after what was asked before, or together with it, as parts of one group."""

    by: UserId
    after: timedelta
    together: bool
    command: Command


@dataclass(frozen=True)
class Story:
    """What is asked of a stream of this kind, from its beginning on."""

    kind: StreamKind
    asks: tuple[Ask, ...]


def _stories(kind: StreamKind) -> st.SearchStrategy[Story]:
    """All deciders of a kind have their part in each of its streams. Of a person's own stream she alone asks.

    Half of what is asked is what is likely to be accepted, so that what needs something before it has that.
    """
    people = [ANN] if kind is StreamKind.USERS else [ANN, ANN, ANN, BEN, BEN, CY, DOT]
    mine = {decider.name for decider in DECIDERS if decider.kind is kind}
    anything = st.one_of([commands for name, commands in ASKED.items() if name in mine])
    anybody_anything = st.tuples(st.sampled_from(people), anything).map(lambda asked: [asked])
    either = {True: LIKELY[kind], False: anybody_anything}
    asked = st.booleans().flatmap(either.__getitem__)  # of a union of the two, each branch would be one of many
    chapter = st.lists(st.builds(_asks, asked, st.sampled_from(CLOCK_MOVES), st.booleans()), max_size=CHAPTER_ASKS)
    beginning = st.builds(lambda first, more: [_asks([(ANN, first), *more])], BEGINNINGS[kind], OPENINGS[kind])
    ending = ENDINGS[kind].map(lambda asked: [_asks(asked)])
    parts = beginning, *[chapter] * CHAPTERS, ending, chapter
    return st.tuples(*parts).map(lambda told: Story(kind, tuple(chain(*chain(*told)))))


def _asks(asked: list[By], after: timedelta = CLOCK_MOVES[0], together: bool = False) -> list[Ask]:
    return [Ask(by, after, together, command) for by, command in asked]


STORIES = {kind: _stories(kind) for kind in StreamKind}
