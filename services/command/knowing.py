"""What is known of streams while commands are decided: parts and rows that follow the events, as plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from services.command.deciding import AllRows, Decider, NotFetchedError, R, RowKey, RowKind, S
from shared.events.domain_event import Recorded
from shared.identifiers import CommandId, StreamId, UserId


class StreamState(Struct, frozen=True, gc=False):
    """The small state of a stream: how many events it has, and each decider's part by name."""

    version: int
    parts: Mapping[str, Any]


def empty_state(deciders: Iterable[Decider]) -> StreamState:
    """What is known of a stream without events."""
    return StreamState(0, {decider.name: decider.empty for decider in deciders})


def evolved(state: StreamState, recorded: Recorded, deciders: Iterable[Decider]) -> StreamState:
    """The stream's state after one more event."""
    return StreamState(
        recorded.version, {each.name: each.evolve(state.parts[each.name], recorded) for each in deciders}
    )


class Row(Struct, frozen=True, gc=False):
    """A row's value as of a version of its stream. A value of None: there is no such row (any more)."""

    version: int
    value: Any


ABSENT = Row(0, None)
RowPlace = tuple[StreamId, str, str]
"""Where a row is: stream, kind's name, key."""


def touched_rows(recorded: Recorded, deciders: Iterable[Decider]) -> list[tuple[RowKind, str]]:
    """The rows that an event changes."""
    return [(kind, key) for each in deciders for kind in each.rows for key in kind.touched(recorded)]


@dataclass(slots=True)
class WorkingCopy:
    """What was fetched, and what a group's own events have made of it so far. Nothing in it is shared with others."""

    streams: dict[StreamId, StreamState] = field(default_factory=dict)
    rows: dict[RowPlace, Row] = field(default_factory=dict)
    whole: dict[tuple[StreamId, str], dict[str, Row]] = field(default_factory=dict)

    def view(self, stream_id: StreamId, command_id: CommandId, actor: UserId) -> "View":
        """What a rule may see when it decides a command."""
        return View(self, stream_id, command_id, actor)

    def missing(self, needs: Iterable[RowKey | AllRows], stream_id: StreamId) -> list[RowKey | AllRows]:
        """Which of the needs were not fetched yet."""
        return [need for need in needs if not self._has(need, stream_id)]

    def _has(self, need: RowKey | AllRows, stream_id: StreamId) -> bool:
        if isinstance(need, AllRows):
            return (stream_id, need.kind.name) in self.whole
        return self.row_at((stream_id, need.kind.name, need.key)) is not None

    def row_at(self, place: RowPlace) -> Row | None:
        """What is known of a row: ABSENT when all of its kind were fetched without it, None when it was not fetched."""
        found = self.rows.get(place)
        if found is None and place[:2] in self.whole:
            return ABSENT
        return found

    def apply(self, events: Sequence[Recorded], deciders: Sequence[Decider]) -> list[RowPlace]:
        """Follows a command's events; gives the rows that changed.

        Raises NotFetchedError, before anything has changed, when an event touches a row that was not fetched.
        """
        touched = [(recorded, touched_rows(recorded, deciders)) for recorded in events]
        for recorded, rows in touched:
            for kind, key in rows:
                if self.row_at((recorded.stream_id, kind.name, key)) is None:
                    raise NotFetchedError(RowKey(kind, key))
        changed: list[RowPlace] = []
        for recorded, rows in touched:
            self.streams[recorded.stream_id] = evolved(self.streams[recorded.stream_id], recorded, deciders)
            for kind, key in rows:
                changed.append(self._evolve_row(kind, key, recorded))
        return changed

    def _evolve_row(self, kind: RowKind, key: str, recorded: Recorded) -> RowPlace:
        place = (recorded.stream_id, kind.name, key)
        row = Row(recorded.version, kind.evolve((self.row_at(place) or ABSENT).value, key, recorded))
        self.rows[place] = row
        whole = self.whole.get((recorded.stream_id, kind.name))
        if whole is not None:
            whole[key] = row
        return place


class View(Struct, frozen=True):
    """One command's sight of a working copy."""

    copy: WorkingCopy
    stream_id: StreamId
    command_id: CommandId
    actor: UserId

    @property
    def version(self) -> int:
        """How many events the stream has."""
        return self.copy.streams[self.stream_id].version

    def part(self, decider: Decider[S]) -> S:
        """The part that this decider keeps of the stream."""
        found: S = self.copy.streams[self.stream_id].parts[decider.name]
        return found

    def row(self, kind: RowKind[R], key: str) -> R | None:
        """A row's value, None when there is none. Raises NotFetchedError if it was not fetched."""
        row = self.copy.row_at((self.stream_id, kind.name, key))
        if row is None:
            raise NotFetchedError(RowKey(kind, key))
        found: R | None = row.value
        return found

    def rows(self, kind: RowKind[R]) -> Mapping[str, R]:
        """All rows of a kind, by key. Raises NotFetchedError if they were not fetched."""
        whole = self.copy.whole.get((self.stream_id, kind.name))
        if whole is None:
            raise NotFetchedError(AllRows(kind))
        return {key: row.value for key, row in whole.items() if row.value is not None}
