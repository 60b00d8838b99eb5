"""What a writer keeps in memory of its partition: what it used lately, and what the store does not have yet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from services.command.knowing import ABSENT, Row, RowPlace, StreamState, WorkingCopy
from services.command.writing.row_filter import RowFilter
from shared.identifiers import StreamId

REMEMBERED_STREAMS = 10_000
REMEMBERED_ROWS = 50_000
UNFLUSHED_LIMIT = 100_000
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Unflushed:
    """What has changed since the last flush, as absolute values."""

    streams: dict[StreamId, StreamState]
    rows: dict[RowPlace, Row]


@dataclass(slots=True)
class Memory:
    """Streams and rows as of the last confirmed group. The least lately used are forgotten, unflushed ones never.

    `made` knows every row that was kept here; and, once `made_is_whole`, every row that the partition ever had.
    """

    streams: dict[StreamId, StreamState] = field(default_factory=dict)
    rows: dict[RowPlace, Row] = field(default_factory=dict)
    keys: dict[tuple[StreamId, str], dict[str, None]] = field(default_factory=dict)
    dirty_streams: set[StreamId] = field(default_factory=set)
    dirty_rows: set[RowPlace] = field(default_factory=set)
    made: RowFilter = field(default_factory=RowFilter)
    made_is_whole: bool = False

    @property
    def full(self) -> bool:
        """Too much waits for a flush: nothing more may be decided until the store is back."""
        return len(self.dirty_rows) + len(self.dirty_streams) >= UNFLUSHED_LIMIT

    def capture_stream(self, stream_id: StreamId, copy: WorkingCopy) -> bool:
        """Puts what is known of a stream into the copy; False when nothing is."""
        if stream_id in copy.streams:
            return True
        state = self.streams.pop(stream_id, None)
        if state is None:
            return False
        self.streams[stream_id] = copy.streams[stream_id] = state
        return True

    def capture_row(self, place: RowPlace, copy: WorkingCopy) -> bool:
        """Puts what is known of a row into the copy; False when nothing is."""
        if place in copy.rows:
            return True
        row = self.rows.pop(place, None)
        if row is not None:
            self.rows[place] = copy.rows[place] = row
        elif self.made_is_whole and not self.made.may_have(place):
            copy.rows[place] = ABSENT
        else:
            return False
        return True

    def rows_of(self, stream_id: StreamId, kind: str) -> dict[str, Row]:
        """The remembered rows of a kind in a stream, by key."""
        return {key: self.rows[stream_id, kind, key] for key in self.keys.get((stream_id, kind), ())}

    def _put_row(self, place: RowPlace, row: Row) -> None:
        self.rows.pop(place, None)
        self.rows[place] = row
        self.keys.setdefault(place[:2], {})[place[2]] = None

    def _drop_row(self, place: RowPlace) -> None:
        del self.rows[place]
        keys = self.keys[place[:2]]
        del keys[place[2]]
        if not keys:
            del self.keys[place[:2]]

    def keep(self, copy: WorkingCopy, streams: Iterable[StreamId], rows: Iterable[RowPlace]) -> None:
        """Takes over what a confirmed group has changed: it has to be flushed."""
        for stream_id in streams:
            self.streams.pop(stream_id, None)
            self.streams[stream_id] = copy.streams[stream_id]
            self.dirty_streams.add(stream_id)
        for place in rows:
            self._put_row(place, copy.rows[place])
            self.dirty_rows.add(place)
            self.made.add(place)

    def remember(self, copy: WorkingCopy) -> None:
        """Takes over what was fetched and is not remembered yet."""
        for stream_id, state in copy.streams.items():
            self.streams.setdefault(stream_id, state)
        for place, row in copy.rows.items():
            if row.value is not None and place not in self.rows:
                self._put_row(place, row)

    def unflushed(self) -> Unflushed:
        """What has to be flushed now."""
        return Unflushed(
            {each: self.streams[each] for each in self.dirty_streams},
            {each: self.rows[each] for each in self.dirty_rows},
        )

    def flushed(self, done: Unflushed) -> None:
        """A flush is in the store: what has not changed since may be forgotten from now on."""
        for stream_id, state in done.streams.items():
            if self.streams[stream_id] is state:
                self.dirty_streams.discard(stream_id)
        for place, row in done.rows.items():
            if self.rows[place] is row:
                self.dirty_rows.discard(place)
                if row.value is None:
                    self._drop_row(place)
        self._forget()

    def _forget(self) -> None:
        for stream_id in _oldest(self.streams, self.dirty_streams, len(self.streams) - REMEMBERED_STREAMS):
            del self.streams[stream_id]
        for place in _oldest(self.rows, self.dirty_rows, len(self.rows) - REMEMBERED_ROWS):
            self._drop_row(place)


def _oldest(known: dict[K, Any], dirty: set[K], surplus: int) -> list[K]:
    if surplus <= 0:
        return []
    return list(islice((key for key in known if key not in dirty), surplus))
