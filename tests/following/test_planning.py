"""What a batch asks of the tables: the fewest steps that do what the log's order does."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pytest

from services.projector.planning import waves_of
from services.projector.projection import Batch, Connection, Projection
from shared.events.domain_event import DomainEvent, Recorded
from shared.events.people import AvatarChanged, ContactPolicySet, DisplayNameChanged, UserDeactivated, UserRegistered
from shared.events.statuses import DndSet
from shared.identifiers import StreamId
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

    async def never(_: Batch[Any], __: Connection) -> None:
        raise AssertionError

    def on(event: type[DomainEvent], settles: Iterable[str] | None) -> None:
        parts = None if settles is None else tuple(settles)
        found.projection.on(event, rows=lambda recorded: recorded.stream_id, settles=parts)(never)

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
