"""The simulation sees what it is there to see: each rule of the protocol, broken, is found in a few seeds."""

import pytest

from tests.simulation.defects import DEFECTS, Plant
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
