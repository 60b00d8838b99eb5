"""A tenure: what a writer has from its claim on, until it loses the partition."""

from dataclasses import dataclass, field

from aiokafka.structs import TopicPartition

from services.command.writing.appending import ProducerIdentity
from services.command.writing.decision_store import Flush
from services.command.writing.remembering import Memory
from shared.log.records import NO_CLAIM, Claim
from shared.settings import Settings


@dataclass(slots=True)
class Tenure:
    """A claim, and what follows from writing under it.

    `succeeds` is the claim that was in force before. `next_offset` is the offset that the next record must get,
    `flushed_offset` the store's. `claimed_at` is in seconds on the clock that goes on while the machine sleeps.
    """

    claim: Claim
    producer: ProducerIdentity
    next_offset: int
    flushed_offset: int
    last_record: bytes | None
    claimed_at: float
    sequence: int = 1
    succeeds: Claim = NO_CLAIM
    memory: Memory = field(default_factory=Memory)

    def unflushed(self, in_force: Claim) -> Flush:
        """What the store does not have yet. `in_force`: the claim in force at the next offset."""
        return Flush(
            self.memory.unflushed(),
            fence=self.claim.offset,
            start=self.flushed_offset,
            end=self.next_offset,
            claim=in_force,
            last_record=self.last_record,
        )

    def flushed(self, done: Flush) -> None:
        """A flush is in the store."""
        self.flushed_offset = done.end
        self.memory.flushed(done.changed)


def transactional_id_of(settings: Settings, partition: TopicPartition) -> str:
    """The id under which the writers of a partition ask for their epochs: the same for all instances."""
    return f"{settings.cluster_name}.{partition.topic}.{partition.partition}"
