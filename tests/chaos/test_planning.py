"""A seed is a story: its faults and what its clients want are the same whenever it is told."""

import random
from itertools import islice

from tests.blackbox.history import Member, Wish
from tests.blackbox.kinds import KINDS
from tests.blackbox.people import OwnedAgent, Town
from tests.blackbox.stories import story_of
from tests.chaos.planning import PAUSE_SECONDS, Kind, plan_of
from tests.chaos.running import FAULTS

PEOPLE = [Member(f"user {n}", f"token {n}", f"room {n // 4}", f"message {n // 4}", leads=n % 4 == 0) for n in range(20)]
AGENT = Member("agent", "its token", "room 0", "message 0")
TOWN = Town(PEOPLE, [Member("leaver", "their token", "room 0", "message 0")], [OwnedAgent(PEOPLE[0], AGENT)])


def test_the_same_seed_deals_the_same_faults_and_another_one_others() -> None:
    assert list(islice(plan_of(7), 100)) == list(islice(plan_of(7), 100))
    assert list(islice(plan_of(7), 100)) != list(islice(plan_of(8), 100))


def wanted(seed: int) -> list[Wish]:
    chance = random.Random(seed)
    return [wish for _ in range(1_000) for _, wish in story_of(TOWN, chance)]


def test_the_same_seed_wants_the_same_and_another_one_something_else() -> None:
    assert wanted(7) == wanted(7)
    assert wanted(7) != wanted(8)


def test_everything_that_can_be_checked_is_wanted_and_everything_that_is_wanted_can_be_checked() -> None:
    assert {wish.kind for wish in wanted(7)} == {*KINDS, "refused"}


def test_every_kind_of_fault_has_its_turn_before_any_number_has_had_five() -> None:
    numbers = {kind.number for kind in Kind}
    dealt = list(islice(plan_of(3), 4 * len(numbers)))

    assert {each.kind for each in dealt} == set(Kind) == FAULTS.keys()
    assert {each.kind.number for each in dealt[: len(numbers)]} == numbers == {*range(1, 11), 14, 22, 24}
    assert all(PAUSE_SECONDS[0] <= each.pause <= PAUSE_SECONDS[1] for each in dealt)
