"""A projection: a name, its tables, and set-based changes for each event that concerns it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from operator import add, attrgetter
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import asyncpg

from shared.events.domain_event import DomainEvent, Recorded

E = TypeVar("E", bound=DomainEvent)
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
RowsOf = Callable[[Any], Any]


class Batch(Sequence[Recorded[E]], Generic[E]):
    """Events of one type, in the log's order, of which no two change the same row."""

    def __init__(self, events: Sequence[Recorded[E]]) -> None:
        self._events = events

    def __len__(self) -> int:
        return len(self._events)

    def __getitem__(self, index: Any) -> Any:
        return self._events[index]

    def __iter__(self) -> Iterator[Recorded[E]]:
        return iter(self._events)

    def columns(self, *names: str | Callable[[Recorded[E]], Any]) -> tuple[list[Any], ...]:
        """A list of values for each name, for `unnest`.

        A name is one of the envelope's (`stream_id`, `version`, `time`, `actor`, `command_id`) or else a field of the
        event; a function is given the Recorded event.
        """
        return tuple([read(event) for event in self._events] for read in map(_reader, names))

    def rows(self, *names: str | Callable[[Recorded[E]], Any]) -> list[tuple[Any, ...]]:
        """A tuple of values for each event, for NewRows; named as for `columns`.

        Names that stand before the first function are read all at once, which takes half as long.
        """
        first = [_path(each) for each in takewhile(lambda name: isinstance(name, str), names)]
        if len(first) < AT_ONCE:
            return list(zip(*self.columns(*names), strict=True))
        begun = map(attrgetter(*first), self._events)
        if len(first) == len(names):
            return list(begun)
        return list(map(add, begun, zip(*self.columns(*names[len(first) :]), strict=True)))


class Change(Protocol):
    """What is to be done to a table, with all that it needs: so it can be found out before Postgres has time for it."""

    async def make(self, connection: Connection) -> None:
        """Does it, as part of the caller's transaction."""


class Statement:
    """A statement and its arguments."""

    __slots__ = ("_arguments", "_sql")

    def __init__(self, sql: str, *arguments: Any) -> None:
        self._sql = sql
        self._arguments = arguments

    async def make(self, connection: Connection) -> None:
        """Executes it."""
        await connection.execute(self._sql, *self._arguments)


AT_ONCE = 2
"""As few names as `attrgetter` makes a tuple of."""
ENVELOPE_NAMES = frozenset({"stream_id", "version", "time", "actor", "command_id", "index", "cause"})


def _reader(name: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    if not isinstance(name, str):
        return name
    return attrgetter(_path(name))


def _path(name: Any) -> str:
    return name if name in ENVELOPE_NAMES else f"event.{name}"


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """What one type of event changes. `rows` gives the key, or a list of keys, of the rows that an event changes; where
    the list is empty, the event is passed over. `changes` gives what events of the type change, in its order.

    `settles`: what of its one row it gives a value that does not depend on what came before, by names that the clauses
    of a projection share. An event makes those before it needless that settled nothing else. Two that settle
    nothing in common may be applied in either order. None: it needs the row as it is, and must have its turn.
    """

    event: type[DomainEvent]
    rows: RowsOf
    changes: Callable[[Batch[Any]], Iterator[Change]]
    settles: frozenset[str] | None


@dataclass(frozen=True)
class Projection:
    """Tables and the clauses that fill them. Every write must also be harmless when it is made twice."""

    name: str
    tables: tuple[str, ...]
    clauses: dict[type[DomainEvent], Clause] = field(default_factory=dict)

    def on(
        self,
        event: type[E],
        *,
        rows: str | tuple[str, ...] | Callable[[Recorded[E]], Any],
        settles: tuple[str, ...] | None = None,
    ) -> Callable[[Callable[[Batch[E]], Iterator[Change]]], Callable[[Batch[E]], Iterator[Change]]]:
        """Declares what an event changes. An event is declared once in a projection.

        `rows`: the names, as for `Batch.columns`, of what makes the key; or a function that gives what `Clause.rows`
        has to.
        """

        def declare(changes: Callable[[Batch[E]], Iterator[Change]]) -> Callable[[Batch[E]], Iterator[Change]]:
            if event in self.clauses:
                raise ValueError(f"{self.name} has two clauses for {event.__name__}")
            names = (rows,) if isinstance(rows, str) else rows
            keys = attrgetter(*map(_path, names)) if isinstance(names, tuple) else names
            self.clauses[event] = Clause(event, keys, changes, None if settles is None else frozenset(settles))
            return changes

        return declare
