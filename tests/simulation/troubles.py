"""The kinds of trouble of a simulation: any mixture of faults, and the stories that chance alone would seldom tell.

Each is told until it is cancelled, or has come to its end. A story is told in fair weather, once or again and again,
while people live their lives beside it; what is changed in it on the boards is a wish like theirs.
"""

import asyncio
from collections.abc import Callable, Coroutine
from random import Random

from tests.simulation.brokers import NODES
from tests.simulation.log_stories import (
    a_log_that_goes_back,
    a_succession,
    an_answer_that_says_nothing,
    an_append_that_comes_late,
    errors_that_say_nothing,
)
from tests.simulation.people import Wish
from tests.simulation.store_stories import (
    a_fence_that_comes_late,
    a_flush_that_comes_late,
    a_flush_that_takes_long,
    a_question_that_takes_long,
    a_store_that_goes_back,
    a_store_that_goes_back_beneath_a_successor,
)
from tests.simulation.telling import crash_the_database
from tests.simulation.town import Town

A_STORY = 0.5
Trouble = Callable[[Town, list[Wish]], Coroutine[None, None, None]]


async def faults_of_all_kinds(town: Town, _: list[Wish]) -> None:
    """Processes stand still, crash, stop and start; leaders change and forget; the database crashes."""
    chance = town.chance
    often = chance.choice((0.2, 0.5, 2.0))
    while True:
        await asyncio.sleep(chance.expovariate(1 / often))
        await _one_fault(town, chance)


async def _one_fault(town: Town, chance: Random) -> None:
    name = chance.choice(town.names)
    drawn = chance.random()
    if name not in town.processes:
        town.start(name)
    elif drawn < 0.5:
        if not town.processes[name].running.stands_still:
            town.stand_still(name)
            asyncio.get_running_loop().call_later(chance.choice((0.02, 0.3, 3.0)) * chance.random(), town.go_on, name)
    elif drawn < 0.65:
        town.crash(name)
    elif drawn < 0.75 and not town.processes[name].running.stands_still:
        await town.stop(name)
    elif drawn < 0.85:
        town.brokers.log(chance.choice(list(town.partitions.values()))).leader = chance.choice(NODES)
    elif drawn < 0.9:
        town.brokers.log(chance.choice(list(town.partitions.values()))).producers.clear()
        town.tell("a leader forgets its producers")
    else:
        crash_the_database(town, chance.choice)


STORIES: tuple[Trouble, ...] = (
    a_succession,
    errors_that_say_nothing,
    an_append_that_comes_late,
    a_question_that_takes_long,
    a_flush_that_takes_long,
    a_store_that_goes_back,
    a_flush_that_comes_late,
    a_store_that_goes_back_beneath_a_successor,
    a_fence_that_comes_late,
    an_answer_that_says_nothing,
    a_log_that_goes_back,
)


def any_trouble(chance: Random) -> Trouble:
    """Any of them."""
    return chance.choice(STORIES) if chance.random() < A_STORY else faults_of_all_kinds
