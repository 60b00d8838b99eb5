"""`python -m tests.simulation`: many seeds, or the whole story of one."""

# ruff: noqa: T201 - a command line prints

import sys
import time
from argparse import ArgumentParser
from collections import Counter

from pytest import MonkeyPatch  # noqa: PT013  # a command, no test

from tests.simulation.defects import DEFECTS
from tests.simulation.simulating import simulate


def main() -> int:
    """Gives 1 when a promise was broken."""
    parser = ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--seed", type=int, help="this one alone, and all that happens in it")
    parser.add_argument("--defects", action="store_true", help="how many of the seeds find each of the defects")
    asked = parser.parse_args()
    if asked.defects:
        return _defects(range(asked.first, asked.first + asked.seeds))
    return _one(asked.seed) if asked.seed is not None else _many(asked.first, asked.seeds)


def _one(seed: int) -> int:
    simulated = simulate(seed)
    print(*simulated.story, sep="\n")
    print(*(simulated.findings or ["nothing was found"]), sep="\n")
    return int(bool(simulated.findings))


def _many(first: int, seeds: int) -> int:
    met: Counter[str] = Counter()
    broken, began = 0, time.monotonic()
    for seed in range(first, first + seeds):
        simulated = simulate(seed)
        met.update(simulated.met)
        if simulated.findings:
            broken += 1
            print(f"seed {seed}:", *simulated.findings, sep="\n    ", flush=True)
    print(", ".join(f"{number:,} {what}" for what, number in met.most_common()))
    print(f"{seeds:,} seeds, {broken} with findings, {seeds / (time.monotonic() - began):.0f} a second")
    return int(broken > 0)


def _defects(seeds: range) -> int:
    for plant, (trouble, _) in DEFECTS.items():
        with MonkeyPatch.context() as patch:
            plant(patch)
            found = [seed for seed in seeds if simulate(seed, trouble).findings]
        print(f"{plant.__name__}: {len(found)} of {len(seeds)} in {trouble.__name__}, first {found[:3]}", flush=True)
    return 0


sys.exit(main())
