"""A projection: a name, its tables, and a set-based change for each event that concerns it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

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


ENVELOPE_NAMES = frozenset({"stream_id", "version", "time", "actor", "command_id", "index", "cause"})


def _reader(name: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    if not isinstance(name, str):
        return name
    return attrgetter(name if name in ENVELOPE_NAMES else f"event.{name}")


@dataclass(frozen=True, slots=True)
class Clause:
    """What one type of event changes. `rows` gives the key, or a list of keys, of the rows that an event changes; where
    the list is empty, the event is passed over.

    `last_wins`: of several events of this type in a row that change the same row, only the last needs to be applied;
    they change one row each.
    """

    event: type[DomainEvent]
    rows: RowsOf
    apply: Callable[[Batch[Any], Connection], Awaitable[None]]
    last_wins: bool


@dataclass(frozen=True)
class Projection:
    """Tables and the clauses that fill them. Every write must also be harmless when it is made twice."""

    name: str
    tables: tuple[str, ...]
    clauses: dict[type[DomainEvent], Clause] = field(default_factory=dict)

    def on(
        self, event: type[E], *, rows: Callable[[Recorded[E]], Any], last_wins: bool = False
    ) -> Callable[
        [Callable[[Batch[E], Connection], Awaitable[None]]], Callable[[Batch[E], Connection], Awaitable[None]]
    ]:
        """Declares what an event changes. An event is declared once in a projection."""

        def declare(
            apply: Callable[[Batch[E], Connection], Awaitable[None]],
        ) -> Callable[[Batch[E], Connection], Awaitable[None]]:
            if event in self.clauses:
                raise ValueError(f"{self.name} has two clauses for {event.__name__}")
            self.clauses[event] = Clause(event, rows, apply, last_wins)
            return apply

        return declare


class _Place(NamedTuple):
    wave: int
    event: type[DomainEvent]
    number: int


def waves(projection: Projection, events: Iterable[Recorded]) -> list[list[tuple[Clause, list[Recorded]]]]:
    """Puts a batch's events into waves, so that each row sees its events in the log's order.

    An event stands one wave behind the last event before it that changes one of its rows; in a wave there is one
    statement for each type, and no two events of a wave change the same row.
    """
    last: dict[Any, _Place] = {}
    found: list[dict[type[DomainEvent], list[Recorded]]] = []
    clauses = projection.clauses
    for recorded in events:
        clause = clauses.get(type(recorded.event))
        if clause is None:
            continue
        rows = clause.rows(recorded)
        if isinstance(rows, list):
            if not rows:
                continue
            wave = 1 + max((last[row].wave for row in rows if row in last), default=-1)
        else:
            before = last.get(rows)
            if before is not None and clause.last_wins and before.event is clause.event:
                found[before.wave][clause.event][before.number] = recorded
                continue
            wave, rows = 0 if before is None else before.wave + 1, [rows]
        if wave == len(found):
            found.append({})
        group = found[wave].setdefault(clause.event, [])
        place = _Place(wave, clause.event, len(group))
        group.append(recorded)
        for row in rows:
            last[row] = place
    return [[(projection.clauses[kind], group) for kind, group in wave.items()] for wave in found]


async def project(projection: Projection, events: Sequence[Recorded], connection: Connection) -> None:
    """Applies a batch's events, in the log's order, to the projection's tables."""
    for wave in waves(projection, events):
        for clause, group in wave:
            await clause.apply(Batch(group), connection)
