"""One stream from its first event on, decided as its partition's writer does: group by group, over what was fetched."""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from services.command.asking import fingerprint_of
from services.command.deciding import AllRows, Need, RowKey, RowKind
from services.command.dispatching import Accepted, Refused, Submission
from services.command.knowing import ABSENT, Row, RowPlace, StreamState, WorkingCopy, empty_state, touched_rows
from services.command.writing.decision_store import COMMAND_KIND, KnownCommand
from services.command.writing.groups import Group, Rules, Waiting, command_place, remember_command
from shared.events.domain_event import Recorded
from shared.identifiers import CommandId, StreamId, StreamKind
from shared.log.records import Claim, DecodedEvent, decode_record
from tests.conversations.examples import ANN, CREW
from tests.properties.drawing import NOON, asked_id
from tests.properties.stories import DECIDERS, Story

CLAIM = Claim(0, 0)
STREAMS = {StreamKind.USERS: StreamId(ANN), StreamKind.CONVERSATIONS: StreamId(CREW)}
KNOWN_COMMAND = RowKind(COMMAND_KIND, KnownCommand, lambda _: (), lambda row, *_: row)
"""The row that the writer itself keeps of each command."""
Answer = Accepted | Refused


@dataclass
class Knowledge:
    """What is known of the one stream."""

    rules: Rules
    state: StreamState
    rows: dict[RowPlace, Row] = field(default_factory=dict)

    @classmethod
    def none_yet(cls, kind: StreamKind) -> "Knowledge":
        """Of a stream in which nothing has happened."""
        rules = Rules.of(kind, DECIDERS)
        return cls(rules, empty_state(rules.deciders))

    @property
    def stream_id(self) -> StreamId:
        """Which stream it is about."""
        return STREAMS[self.rules.kind]

    def copied(self, needs: Iterable[Need] = ()) -> WorkingCopy:
        """A working copy of the small state and of what is needed, and of nothing else."""
        copy = WorkingCopy({self.stream_id: self.state})
        for need in needs:
            kind = need.kind.name
            if isinstance(need, AllRows):
                rows = {place: row for place, row in self.rows.items() if place[1] == kind}
                copy.rows.update(rows)
                copy.whole[self.stream_id, kind] = {place[2]: row for place, row in rows.items()}
            else:
                place = (self.stream_id, kind, need.key)
                copy.rows[place] = self.rows.get(place, ABSENT)
        return copy

    def follow(self, recorded: Recorded, offset: int) -> None:
        """Learns from a record of the log, as a successor does."""
        places = [(recorded.stream_id, kind.name, key) for kind, key in touched_rows(recorded, self.rules.deciders)]
        places.append(command_place(recorded.stream_id, recorded.command_id))
        copy = WorkingCopy({self.stream_id: self.state}, {place: self.rows.get(place, ABSENT) for place in places})
        copy.apply([recorded], self.rules.deciders)
        remember_command(copy, self.rules, recorded, offset)
        self.learn(copy)

    def learn(self, copy: WorkingCopy) -> None:
        """Takes over what a working copy has come to."""
        self.state = copy.streams[self.stream_id]
        self.rows.update({place: row for place, row in copy.rows.items() if row is not ABSENT})

    def as_bytes(self) -> bytes:
        """All of it, so that a change shows, also one of what should never change."""
        return msgspec.json.encode((self.state, list(self.rows.items())))


@dataclass(frozen=True)
class AskedTogether:
    """What is decided as one group, so long after the group before."""

    after: timedelta
    submissions: tuple[Submission, ...]


def groups_of(story: Story) -> list[AskedTogether]:
    """A story as the writer meets it."""
    groups: list[AskedTogether] = []
    counts = Counter[type]()
    for ask in story.asks:
        command_id = asked_id(type(ask.command), counts[type(ask.command)])
        counts[type(ask.command)] += 1
        submission = Submission(ask.command, command_id, ask.by, fingerprint_of(repr(ask.command)))
        if groups and ask.together:
            groups[-1] = replace(groups[-1], submissions=(*groups[-1].submissions, submission))
        else:
            groups.append(AskedTogether(ask.after, (submission,)))
    return groups


def one_by_one(story: Story) -> list[AskedTogether]:
    """A story in which everything is asked by itself."""
    return groups_of(replace(story, asks=tuple(replace(ask, together=False) for ask in story.asks)))


@dataclass
class Life:
    """A stream's life. `log` has the values of its records: the offset of each is its place."""

    knowledge: Knowledge
    log: list[bytes] = field(default_factory=list)
    answers: list[tuple[CommandId, Answer]] = field(default_factory=list)
    now: datetime = NOON

    def ask(self, asked: AskedTogether) -> int:
        """Has a group decided, and what turns out to need more in another round; gives how many rounds it took."""
        self.now += asked.after
        everybody = [Waiting(each, Future()) for each in asked.submissions]  # type: ignore[arg-type]  # no loop runs
        waiting, rounds = everybody, 0
        while waiting:
            waiting, rounds = self._decide(waiting), rounds + 1
        self.answers += [(each.submission.command_id, _answer_to(each)) for each in everybody]
        return rounds

    def _decide(self, taken: list[Waiting]) -> list[Waiting]:
        copy = self.knowledge.copied(need for each in taken for need in self._needs(each))
        group = Group(self.knowledge.rules, 0, CLAIM, len(self.log), taken, copy)
        group.decide_all(self.now)
        self.log += [value for _, value in group.records]
        self.knowledge.learn(copy)
        group.answer()
        return group.postponed

    def _needs(self, waiting: Waiting) -> Sequence[Need]:
        submission, knowledge = waiting.submission, self.knowledge
        rule = knowledge.rules.by_command[type(submission.command)]
        view = knowledge.copied().view(knowledge.stream_id, submission.command_id, submission.actor)
        return [
            RowKey(KNOWN_COMMAND, submission.command_id),
            *rule.needs(submission.command, view),
            *waiting.more_needs,
        ]

    @property
    def recorded(self) -> dict[CommandId, Accepted]:
        """The commands that are in the log, with what they were answered when they were appended."""
        return {each: answer for each, answer in self.answers if isinstance(answer, Accepted) and answer.appended}


def _answer_to(waiting: Waiting) -> Answer:
    """One of the three kinds. Raises what is none of them: a fault of a rule, or more than an append may hold."""
    error = waiting.future.exception()
    if error is None:
        return waiting.future.result()
    if isinstance(error, Refused):
        return error
    raise error


def begin(kind: StreamKind) -> Life:
    """A stream in which nothing has happened yet."""
    return Life(Knowledge.none_yet(kind))


def lived(kind: StreamKind, groups: Iterable[AskedTogether]) -> Life:
    """A stream of which all this was asked."""
    life = begin(kind)
    for group in groups:
        life.ask(group)
    return life


def decoded(log: Sequence[bytes]) -> list[Recorded]:
    """The events that were recorded, from their bytes."""
    records = [decode_record(value) for value in log]
    return [each.recorded for each in records if isinstance(each, DecodedEvent)]


def replayed(kind: StreamKind, log: Sequence[bytes]) -> Knowledge:
    """What whoever reads the log knows in the end."""
    knowledge = Knowledge.none_yet(kind)
    for offset, recorded in enumerate(decoded(log)):
        knowledge.follow(recorded, offset)
    return knowledge
