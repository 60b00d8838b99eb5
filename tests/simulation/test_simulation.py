"""Whatever happens to servers, net and processes, what is promised about the log, the answers and the store holds."""

from collections import Counter

import pytest

from tests.simulation.simulating import simulate

SEEDS = 150
A_RUN = 50
MUST_BE_MET = ("accepted", "repeated", "refused", "unchanged", "unavailable", "unknown", "void")
_met: Counter[str] = Counter()


@pytest.mark.parametrize("first", range(0, SEEDS, A_RUN))
def test_no_seed_breaks_a_promise(first: int) -> None:
    for seed in range(first, first + A_RUN):
        simulated = simulate(seed)
        _met.update(simulated.met)
        assert simulated.findings == (), f"run it again: .venv/bin/python -m tests.simulation --seed {seed}"


def test_the_faults_bite() -> None:
    assert [each for each in MUST_BE_MET if not _met[each]] == []
