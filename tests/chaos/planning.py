"""Which faults there are, and in which order a seed deals them: nothing here depends on what happens."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

PAUSE_SECONDS = (3.0, 8.0)


class Kind(StrEnum):
    """A way to trouble Verbatim. In front of each, its number among the faults that must be survived."""

    KILLED_BEFORE_APPEND = "1 the writer is killed before an append"
    KILLED_IN_APPEND = "1 the writer is killed while it waits for acknowledgements"
    KILLED_AFTER_APPEND = "1 the writer is killed when the log has what nobody was told"
    ZOMBIE = "2 the writer stands still before an append until another one serves"
    KAFKA_STOPPED = "3 Kafka is restarted in good order"
    KAFKA_KILLED = "3 Kafka is killed"
    KAFKA_HANGS = "4 Kafka stands still"
    ACKS_LOST = "5 acknowledgements of appends are lost with their connections"
    ANSWERS_LOST = "5 answers of Postgres are lost with their connections"
    KAFKA_SILENT = "5 nothing comes back from Kafka"
    POSTGRES_SILENT = "5 nothing comes back from Postgres"
    APPEND_CUT = "6 appends are cut in the middle"
    STATEMENT_CUT = "6 statements are cut in the middle"
    POSTGRES_FAST = "7 Postgres is restarted (fast)"
    POSTGRES_IMMEDIATE = "7 Postgres is restarted (immediate)"
    POSTGRES_KILLED = "7 Postgres is killed"
    PROJECTOR_KILLED = "8 the projector is killed inside a batch"
    TWO_PROJECTORS = "9 the projector stands still until another one follows, and goes on"
    KAFKA_SLOW = "10 the way to Kafka is slow"
    POSTGRES_SLOW = "10 the way to Postgres is slow"
    KAFKA_LOSSY = "10 the way to Kafka loses 5 %"
    POSTGRES_LOSSY = "10 the way to Postgres loses 5 %"
    REDELIVERED = "14 what was projected is delivered again"
    REPLAYED = "22 keys are used again"
    EXPIRY_MISSED = "24 the writer is dead when statuses end"
    EXPIRY_RACED = "24 statuses are set again when others end"

    @property
    def number(self) -> int:
        """Its number among the faults that must be survived."""
        return int(self.value.split()[0])


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault to come, so many seconds after the one before it began, or when that is over. `seed`: for its own chance.

    `turn`: how often this kind was dealt before.
    """

    pause: float
    kind: Kind
    turn: int
    seed: int


def plan_of(seed: int, kinds: tuple[Kind, ...] = tuple(Kind)) -> Iterator[Planned]:
    """The faults of a seed, without end: of each number one, then of each another one, in an order of chance.

    A number's kinds take turns, so that none has to wait for another number's.
    """
    chance = random.Random(f"faults {seed}")
    numbers = {kind.number: [each for each in kinds if each.number == kind.number] for kind in kinds}
    for of_number in numbers.values():
        chance.shuffle(of_number)
    turn = 0
    while True:
        dealt = list(numbers)
        chance.shuffle(dealt)
        for number in dealt:
            kind = numbers[number][turn % len(numbers[number])]
            pause = round(chance.uniform(*PAUSE_SECONDS), 3)
            yield Planned(pause, kind, turn // len(numbers[number]), chance.getrandbits(32))
        turn += 1
