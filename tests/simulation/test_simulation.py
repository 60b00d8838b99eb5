"""Whatever happens to servers, net and processes, what is promised about the log, the answers and the store holds."""

import os
import subprocess
import sys
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


@pytest.mark.parametrize("seed", [3, 9])
def test_a_seed_tells_the_same_story_in_every_process(seed: int) -> None:
    told = [_told(seed, hashes) for hashes in ("1", "2")]

    assert "all is quiet" in told[0]
    assert told[0] == told[1]


def _told(seed: int, hashes: str) -> str:
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed)]
    return subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": hashes}, capture_output=True, text=True, check=True
    ).stdout
