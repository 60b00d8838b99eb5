"""Fetches what the commands of some groups need: from memory first, then with one query for all groups together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog
from aiokafka.structs import TopicPartition

from services.command.deciding import Need, NotFetchedError, RowKey
from services.command.dispatching import LookUpCommand
from services.command.knowing import ABSENT, Row, RowPlace, empty_state
from services.command.writing.decision_store import Codec, Coverage
from services.command.writing.groups import Group, Waiting, command_place
from services.command.writing.remembering import Memory
from services.command.writing.surroundings import Store
from shared.identifiers import StreamId
from shared.web.problems import InternalError

log = structlog.get_logger()


@dataclass(slots=True)
class Fetching:
    """One partition's group with the memory that it may look into.

    `asked`: whether the store was asked since the group's commands came; `coverage` is then what it said.
    """

    partition: TopicPartition
    group: Group
    memory: Memory
    codec: Codec
    flushed_offset: int
    asked: bool = False
    coverage: Coverage | None = None
    streams: dict[StreamId, None] = field(default_factory=dict)
    rows: dict[RowPlace, None] = field(default_factory=dict)
    whole: dict[tuple[StreamId, str], dict[str, Row]] = field(default_factory=dict)
    needed: set[int] = field(default_factory=set)

    def want_all(self) -> None:
        """Captures what memory has of the commands' needs, and lists the rest. What is captured stays as it was now."""
        for waiting in self.group.taken:
            if not waiting.done:
                self._want(waiting)

    def _want(self, waiting: Waiting) -> None:
        stream_id = waiting.submission.command.stream.id
        self._want_row(command_place(stream_id, waiting.submission.command_id))
        if not self.memory.capture_stream(stream_id, self.group.copy):
            self.streams[stream_id] = None
        elif id(waiting) not in self.needed:
            self.needed.add(id(waiting))
            for need in self._needs(waiting):
                self._want_need(stream_id, need)

    def _needs(self, waiting: Waiting) -> Iterable[Need]:
        submission = waiting.submission
        if isinstance(submission.command, LookUpCommand):
            return ()
        view = self.group.copy.view(submission.command.stream.id, submission.command_id, submission.actor)
        try:
            rule = self.group.rules.by_command[type(submission.command)]
            return [*rule.needs(submission.command, view), *waiting.more_needs]
        except NotFetchedError as error:
            return [error.need, *waiting.more_needs]
        except Exception as error:  # a fault in one rule must not end the partition's writer
            log.exception("a rule's needs failed", command=type(submission.command).__name__)
            waiting.fail(InternalError(f"the command could not be decided: {type(error).__name__}"))
            return ()

    def _want_need(self, stream_id: StreamId, need: Need) -> None:
        if isinstance(need, RowKey):
            self._want_row((stream_id, need.kind.name, need.key))
        elif (stream_id, need.kind.name) not in self.group.copy.whole:
            self.whole[stream_id, need.kind.name] = self.memory.rows_of(stream_id, need.kind.name)

    def _want_row(self, place: RowPlace) -> None:
        if not self.memory.capture_row(place, self.group.copy):
            self.rows[place] = None

    @property
    def outdated(self) -> bool:
        """The store has less than was flushed to it, so that what came from it may be old: Postgres went back."""
        if not self.asked:
            return False
        if self.coverage is None or self.coverage.fence < self.group.claim.offset:
            return True
        return self.coverage.fence == self.group.claim.offset and self.coverage.next_offset < self.flushed_offset

    @property
    def still_ours(self) -> bool:
        """Nobody had taken the partition over when the store was asked, which was after the commands had come."""
        return self.coverage is not None and self.coverage.fence == self.group.claim.offset

    def missing(self) -> bool:
        """Whether the store must be asked."""
        return bool(self.streams or self.rows or self.whole)


async def fetch(store: Store, fetchings: list[Fetching]) -> None:
    """Fills every group's copy with what its commands need and memory does not have, by one query for all of them.

    A stream that was not in memory takes a second query: what a rule needs may depend on the stream's small state.
    Raises one of StoreAway.
    """
    while any(each.missing() for each in fetchings):
        await _query(store, fetchings)
        for each in fetchings:
            each.want_all()


async def ask_whose(store: Store, fetchings: list[Fetching]) -> None:
    """Asks whose the partitions are now. Raises one of StoreAway."""
    await _query(store, fetchings)


async def _query(store: Store, fetchings: list[Fetching]) -> None:
    for each in fetchings:
        for (stream_id, kind), captured in each.whole.items():
            _take_whole(each, stream_id, kind, {**await store.all_rows(stream_id, kind, each.codec), **captured})
        each.whole.clear()
    found = await store.fetch(
        {(each.partition.topic, stream): each.codec for each in fetchings for stream in each.streams},
        {(each.partition.topic, place): each.codec for each in fetchings for place in each.rows},
        [each.partition for each in fetchings],
    )
    for each in fetchings:
        topic = each.partition.topic
        each.asked, each.coverage = True, found.covered.get(each.partition)
        for stream in each.streams:
            each.group.copy.streams[stream] = found.streams.get((topic, stream)) or empty_state(
                each.group.rules.deciders
            )
        for place in each.rows:
            each.group.copy.rows[place] = found.rows.get((topic, place), ABSENT)
        each.streams.clear()
        each.rows.clear()


def _take_whole(fetching: Fetching, stream_id: StreamId, kind: str, rows: dict[str, Row]) -> None:
    fetching.group.copy.whole[stream_id, kind] = rows
    for key, row in rows.items():
        fetching.group.copy.rows.setdefault((stream_id, kind, key), row)
