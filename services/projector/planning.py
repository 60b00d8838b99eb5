"""What a batch will ask of the tables, found out before Postgres is asked for any of it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from services.projector.projection import Batch, Change, Clause, Connection, Projection
from shared.events.domain_event import DomainEvent, Recorded

Step = tuple[Clause, list[Recorded]]
"""Events of one type, in the log's order, of which no two change the same row."""

_Place = tuple[int, Clause, int]
"""Where an event stands: its wave, and there its place among those of its type."""
_Waves = list[dict[Clause, list[Recorded | None]]]


@dataclass(slots=True)
class Plan:
    """The changes that apply a batch, in their order, each with the events that it is made for; `at` is the place of
    the one that is made, or was last."""

    changes: Sequence[tuple[Change, Sequence[Recorded]]]
    at: int = 0

    async def carry_out(self, connection: Connection) -> None:
        """Applies it. Raises whatever the first failure is."""
        for place, (change, _) in enumerate(self.changes):
            self.at = place
            await change.make(connection)

    @property
    def streams_at(self) -> set[str]:
        """Whose events that change is made for."""
        return {each.stream_id for each in self.changes[self.at][1]} if self.changes else set()


async def plan(projections: Iterable[Projection], events: Sequence[Recorded]) -> Plan:
    """How to apply a batch's events, given in the log's order, to all projections.

    Others of this process have their turn between two steps. Raises what a clause raises.
    """
    by_type: dict[type[DomainEvent], list[int]] = {}
    for number, recorded in enumerate(events):
        by_type.setdefault(type(recorded.event), []).append(number)
    changes: list[tuple[Change, Sequence[Recorded]]] = []
    for projection in projections:
        concern = [by_type[each] for each in projection.clauses if each in by_type]
        if concern:
            waves = waves_of(projection, [events[number] for number in sorted(chain.from_iterable(concern))])
            for clause, its in chain.from_iterable(waves):
                await asyncio.sleep(0)
                changes += [(change, its) for change in clause.changes(Batch(its))]
    return Plan(changes)


def waves_of(projection: Projection, events: Iterable[Recorded]) -> list[list[Step]]:
    """Puts events, all of which the projection has clauses for, into waves, so that applying one wave after the other
    does what the log's order would do.

    An event stands one wave behind the last before it that it may not overtake, and takes the place of those that it
    makes needless. In a wave there is one step for each type, and their order makes no difference.
    """
    standing: dict[Any, list[_Place]] = {}
    found: _Waves = []
    for recorded in events:
        clause = projection.clauses[type(recorded.event)]
        rows = clause.rows(recorded)
        if clause.settles is not None:
            wave, places = _behind_some(standing.get(rows, ()), clause, found)
            standing[rows] = places
        elif isinstance(rows, list):
            if not rows:
                continue
            wave, places = max(_behind(standing.get(row)) for row in rows), []
            standing.update(dict.fromkeys(rows, places))
        else:
            wave, places = _behind(standing.get(rows)), []
            standing[rows] = places
        if wave == len(found):
            found.append({})
        group = found[wave].setdefault(clause, [])
        places.append((wave, clause, len(group)))
        group.append(recorded)
    return [
        [(clause, needed) for clause, group in wave.items() if (needed := [each for each in group if each is not None])]
        for wave in found
    ]


def _behind(before: Sequence[_Place] | None) -> int:
    return 1 + max(wave for wave, _, _ in before) if before else 0


def _behind_some(before: Sequence[_Place], clause: Clause, found: _Waves) -> tuple[int, list[_Place]]:
    """Takes away what this event makes needless; gives its wave, and what still stands beside it."""
    wave, kept, settles = 0, [], clause.settles or frozenset()
    for place in before:
        its_wave, its, number = place
        if its is clause or (its.settles is not None and its.settles <= settles):
            found[its_wave][its][number] = None
            continue
        kept.append(place)
        if its.settles is None or not its.settles.isdisjoint(settles):
            wave = max(wave, its_wave + 1)
    return wave, kept
