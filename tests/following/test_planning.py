"""What a batch asks of the tables: the fewest steps that do what the log's order does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.projector.planning import waves_of
from services.projector.projection import Batch, Change, Projection
from shared.events.domain_event import DomainEvent, Recorded
from shared.events.people import AvatarChanged, ContactPolicySet, DisplayNameChanged, UserDeactivated, UserRegistered
from shared.events.statuses import DndSet
from shared.identifiers import CommandId, StreamId
from tests.fixtures.read_tables import at, person

ADA, BOB = person("Ada"), person("Bob")
REGISTERED = UserRegistered("ada", "Ada")
LEFT = UserDeactivated()


@dataclass
class Pages:
    """A projection whose steps are only looked at."""

    projection: Projection = field(default_factory=lambda: Projection("pages", ("pages",)))

    def steps(self, *events: tuple[str, DomainEvent]) -> list[list[tuple[str, DomainEvent]]]:
        """The steps of these events, given as whose they are and what happened."""
        recorded = [
            Recorded(StreamId(stream_id), number, at(number), person(stream_id), f"{number}", 0, "", event)  # type: ignore[arg-type]
            for number, (stream_id, event) in enumerate(events)
        ]
        steps = chain.from_iterable(waves_of(self.projection, recorded))
        return [[(each.stream_id, each.event) for each in group] for _, group in steps]


@pytest.fixture
def pages() -> Pages:
    """Names and pictures are settled apart but for one thing; a policy is settled by itself; the rest needs the row."""
    found = Pages()

    def never(_: Batch[Any]) -> Iterator[Change]:
        raise AssertionError

    def on(event: type[DomainEvent], settles: Iterable[str] | None) -> None:
        parts = None if settles is None else tuple(settles)
        found.projection.on(event, rows="stream_id", settles=parts)(never)

    on(UserRegistered, None)
    on(DisplayNameChanged, ("name", "when"))
    on(AvatarChanged, ("picture", "when"))
    on(ContactPolicySet, ("policy",))
    on(UserDeactivated, ("name", "picture", "when"))
    found.projection.on(DndSet, rows=lambda recorded: [ADA, BOB] if recorded.event.enabled else [])(never)
    return found


def named(name: str) -> DisplayNameChanged:
    return DisplayNameChanged(name)


def pictured(place: int) -> AvatarChanged:
    return AvatarChanged(f"https://a.example/{place}")


def test_events_of_different_rows_are_one_step(pages: Pages) -> None:
    assert pages.steps((ADA, REGISTERED), (BOB, REGISTERED)) == [[(ADA, REGISTERED), (BOB, REGISTERED)]]


def test_of_what_settles_the_same_only_the_last_is_applied(pages: Pages) -> None:
    assert pages.steps((ADA, named("a")), (BOB, named("x")), (ADA, named("b")), (ADA, named("c"))) == [
        [(BOB, named("x")), (ADA, named("c"))]
    ]


def test_what_settles_more_makes_what_settles_less_needless_and_not_the_other_way_round(pages: Pages) -> None:
    assert pages.steps((ADA, named("a")), (ADA, pictured(1)), (ADA, LEFT)) == [[(ADA, LEFT)]]
    assert pages.steps((ADA, LEFT), (ADA, named("a"))) == [[(ADA, LEFT)], [(ADA, named("a"))]]


def test_what_settles_something_in_common_keeps_its_order(pages: Pages) -> None:
    assert pages.steps((ADA, named("a")), (ADA, pictured(1))) == [[(ADA, named("a"))], [(ADA, pictured(1))]]
    assert pages.steps((ADA, named("a")), (ADA, pictured(1)), (ADA, named("b"))) == [
        [(ADA, pictured(1))],
        [(ADA, named("b"))],
    ]


def test_what_settles_nothing_in_common_is_not_waited_for(pages: Pages) -> None:
    friends, nobody = ContactPolicySet("open"), ContactPolicySet("request")
    steps = pages.steps(
        (ADA, named("a")), (ADA, friends), (ADA, named("b")), (ADA, nobody), (ADA, pictured(1)), (ADA, friends)
    )

    assert steps == [[(ADA, named("b"))], [(ADA, friends)], [(ADA, pictured(1))]]


def test_what_needs_the_row_as_it_is_has_its_turn_between_those_before_and_those_after(pages: Pages) -> None:
    assert pages.steps((ADA, named("a")), (ADA, REGISTERED), (ADA, named("b"))) == [
        [(ADA, named("a"))],
        [(ADA, REGISTERED)],
        [(ADA, named("b"))],
    ]
    assert pages.steps((ADA, named("a")), (ADA, pictured(1)), (ADA, REGISTERED), (ADA, LEFT)) == [
        [(ADA, named("a"))],
        [(ADA, pictured(1))],
        [(ADA, REGISTERED)],
        [(ADA, LEFT)],
    ]


def test_what_changes_many_rows_waits_for_the_last_of_each_and_is_waited_for_in_each(pages: Pages) -> None:
    both = DndSet(True)
    assert pages.steps((ADA, named("a")), (ADA, pictured(1)), (BOB, named("x")), (ADA, both), (BOB, named("y"))) == [
        [(ADA, named("a")), (BOB, named("x"))],
        [(ADA, pictured(1))],
        [(ADA, both)],
        [(BOB, named("y"))],
    ]


def test_what_changes_no_row_is_passed_over(pages: Pages) -> None:
    assert pages.steps((ADA, DndSet(False)), (ADA, named("a"))) == [[(ADA, named("a"))]]


class Happened(DomainEvent, frozen=True):
    """Something happens to these rows."""

    rows: tuple[int, ...]


def kind_of_change() -> type[Happened]:
    class OneKind(Happened, frozen=True):
        pass

    return OneKind


PARTS = "abcde"
SETTLING = {kind_of_change(): parts for count in (1, 2, 3) for parts in combinations(PARTS, count)}
KINDS = {"".join(parts): kind for kind, parts in SETTLING.items()}
NEEDING, NEEDING_MANY = kind_of_change(), kind_of_change()
ROWS = range(3)
one_row = st.tuples(st.sampled_from(ROWS))
some_rows = st.lists(st.sampled_from(ROWS), unique=True).map(tuple)
changes = st.one_of(
    st.builds(lambda kind, rows: kind(rows), st.sampled_from([*SETTLING]), one_row),
    st.builds(NEEDING, one_row),
    st.builds(NEEDING_MANY, some_rows),
)
Table = dict[int, dict[str, object]]


@pytest.fixture(scope="module")
def parts() -> Projection:
    """Each choice of up to three parts of a row is settled by a kind of its own; two kinds need rows as they are."""
    projection = Projection("parts", ("parts",))

    def never(_: Batch[Any]) -> Iterator[Change]:
        raise AssertionError

    for kind, settles in SETTLING.items():
        projection.on(kind, rows=lambda recorded: recorded.event.rows[0], settles=settles)(never)
    projection.on(NEEDING, rows=lambda recorded: recorded.event.rows[0])(never)
    projection.on(NEEDING_MANY, rows=lambda recorded: list(recorded.event.rows))(never)
    return projection


def happen(table: Table, recorded: Recorded[Any]) -> None:
    """What is settled is another value; what needs the row makes of all of it what tells all that it was."""
    settled = SETTLING.get(type(recorded.event))
    for row in recorded.event.rows:
        before = None if settled else dict(table[row])
        table[row] |= dict.fromkeys(settled or PARTS, (recorded.version, before))


@given(st.lists(changes, max_size=24))
@example([KINDS[each]((0,)) for each in ("ab", "bc", "de", "cd")])  # the last one waits for the second, in a later wave
def test_whatever_happens_waves_make_of_rows_what_one_event_after_another_makes_of_them(
    parts: Projection, drawn: list[Happened]
) -> None:
    events = [
        Recorded(StreamId(ADA), number, at(number), ADA, CommandId(f"{number}"), 0, "", change)
        for number, change in enumerate(drawn)
    ]
    one_by_one, in_waves = ({row: dict.fromkeys(PARTS) for row in ROWS} for _ in range(2))
    for recorded in events:
        happen(one_by_one, recorded)
    for wave in waves_of(parts, events):
        for _, step in reversed(wave):
            rows = [row for each in step for row in each.event.rows]  # type: ignore[attr-defined]  # they are all drawn
            assert len(rows) == len(set(rows))
            for each in reversed(step):
                happen(in_waves, each)

    assert in_waves == one_by_one
