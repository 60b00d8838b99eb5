"""The simulation sees what it is there to see: each rule of the protocol, broken, is found in a few seeds."""

import pytest

from tests.simulation.defects import DEFECTS, Plant
from tests.simulation.simulating import simulate

SEEDS = 200
AROUND = 5


@pytest.mark.parametrize(("plant", "first"), DEFECTS.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_a_planted_defect_is_found(plant: Plant, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    assert any(simulate(seed).findings for seed in [*range(first, first + AROUND), *range(SEEDS)])
