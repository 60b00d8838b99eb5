"""The simulation sees what it is there to see: each rule of the protocol, broken, is found in a few seeds."""

import pytest

from tests.simulation.defects import (
    DEFECTS,
    Plant,
    answers_come_before_the_append,
    keys_are_not_followed,
    memory_is_looked_into_after_the_query,
    nobody_asks_whose_it_is,
    what_is_not_flushed_is_forgotten,
)
from tests.simulation.features import STREAMS
from tests.simulation.simulating import simulate
from tests.simulation.troubles import Trouble

SEEDS = 200


@pytest.mark.parametrize(
    ("plant", "trouble", "first"),
    [pytest.param(plant, *found, id=plant.__name__) for plant, found in DEFECTS.items()],
)
def test_a_planted_defect_is_found(plant: Plant, trouble: Trouble, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    assert any(simulate(seed, trouble).findings for seed in [first, *range(SEEDS)])


@pytest.mark.parametrize(
    ("plant", "first"),
    [
        pytest.param(plant, first, id=plant.__name__)
        for plant, first in (
            (answers_come_before_the_append, 0),
            (keys_are_not_followed, 1),
            (memory_is_looked_into_after_the_query, 4),
            (nobody_asks_whose_it_is, 1),
            (what_is_not_flushed_is_forgotten, 9),
        )
    ],
)
def test_a_planted_defect_is_found_in_what_is_asked_of_the_real_features(
    plant: Plant, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble, _ = DEFECTS[plant]
    plant(monkeypatch)

    assert any(_found_in_features(seed, trouble) for seed in [first, *range(SEEDS)])


def _found_in_features(seed: int, trouble: Trouble) -> bool:
    findings = simulate(seed, trouble, of_features=True).findings
    return any(stream_id in each for each in findings for stream_id in STREAMS)
