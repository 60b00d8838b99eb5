"""How much is measured: the sizes of a quick look, of the standard run and of the full one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of a run. Seconds are of each measurement in each round; the rest are numbers of messages or answers."""

    name: str
    rounds: int = 3
    warm_up_seconds: float = 1.5
    load_seconds: float = 4.0
    sequential_answers: int = 500
    projected_messages: int = 120_000
    visible_seconds: float = 10.0
    remembered_messages: int = 100_000
    grown_messages: tuple[int, ...] = (10_000, 100_000)
    grown_participants: tuple[int, ...] = (2, 100, 5_000)
    growth_seconds: float = 1.5
    part_limit_seconds: float = 240.0
    run_limit_seconds: float = 900.0


STANDARD = Plan("standard")
FULL = Plan(
    "full",
    projected_messages=1_000_000,
    remembered_messages=1_000_000,
    grown_messages=(10_000, 100_000, 1_000_000),
    part_limit_seconds=3_600.0,
    run_limit_seconds=14_400.0,
)
SMOKE = Plan(
    "smoke",
    rounds=2,
    warm_up_seconds=0.3,
    load_seconds=0.7,
    sequential_answers=30,
    projected_messages=2_000,
    visible_seconds=1.0,
    remembered_messages=1_000,
    grown_messages=(500, 1_000),
    grown_participants=(2, 20),
    growth_seconds=0.5,
)
"""To see that every part runs; its figures say nothing."""
