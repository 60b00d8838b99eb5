"""A tenure: what a writer has from its claim on, until it loses the partition."""

from dataclasses import dataclass, field

from services.command.writing.appending import ProducerIdentity
from services.command.writing.remembering import Memory
from shared.log.records import Claim


@dataclass(slots=True)
class Tenure:
    """A claim, and what follows from writing under it.

    `next_offset` is the offset that the next record must get, `flushed_offset` the store's. `claimed_at` is in seconds
    on the clock that goes on while the machine sleeps.
    """

    claim: Claim
    producer: ProducerIdentity
    next_offset: int
    flushed_offset: int
    last_record: bytes | None
    claimed_at: float
    sequence: int = 1
    memory: Memory = field(default_factory=Memory)
