"""The writer of one partition: its queue, its tenure, and what it answers when an append succeeded, failed or got lost."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

import structlog
from aiokafka.structs import TopicPartition

from services.command.knowing import ABSENT
from services.command.writing.appending import Appended, NotAppended, Outcome, Unknown
from services.command.writing.decision_store import Codec, DecisionStore, PartitionRow
from services.command.writing.groups import GROUP_COMMANDS, Group, Phase, Rules, Waiting, command_place
from services.command.writing.metrics import (
    COMMANDS,
    FENCED_APPENDS,
    GROUPS,
    LOST_PARTITIONS,
    UNKNOWN_APPENDS,
)
from services.command.writing.tenure import Tenure
from shared.log.identity import identity_of
from shared.web.problems import Unavailable

SEQUENCE_LIMIT = 2**31 - 2**20
log = structlog.get_logger()


class Standing(Enum):
    """How a writer stands to its partition."""

    WAITING = "waiting for the lease"
    TAKING_OVER = "taking over"
    SERVING = "serving"
    STOPPED = "stopped: an operator must act"


@dataclass(slots=True)
class PartitionWriter:
    """Decides and appends for one partition while it serves. One group is open at most."""

    partition: TopicPartition
    rules: Rules
    codec: Codec
    store: DecisionStore
    queue_limit: int
    claim_seconds: float
    standing: Standing = Standing.WAITING
    trouble: str = ""
    node: int = -1
    tenure: Tenure | None = None
    open_group: Group | None = None
    queue: deque[Waiting] = field(default_factory=deque)
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    fenced: bool = False

    def enqueue(self, waiting: Waiting) -> None:
        """Takes a command in. Raises Unavailable, at once, when it could not be decided soon."""
        if self.standing is not Standing.SERVING:
            raise Unavailable(f"the partition of this stream is not being served here: {self.standing.value}")
        if len(self.queue) >= self.queue_limit:
            raise Unavailable("too much waits for this partition")
        if self.tenure is not None and self.tenure.memory.full:
            raise Unavailable("the decision store is too far behind")
        self.queue.append(waiting)

    def serve(self, tenure: Tenure, node: int) -> None:
        """Serves from now on."""
        self.tenure, self.node, self.trouble, self.fenced = tenure, node, "", False
        self.lost.clear()
        self.standing = Standing.SERVING

    def lose(self, why: str, *, fenced: bool = False) -> None:
        """The claim is over. What waits in the queue is told so; the open group is looked up after the next claim."""
        if self.tenure is None:
            return
        log.warning("a partition was lost", partition=name_of(self.partition), why=why, fenced=fenced)
        LOST_PARTITIONS.labels("fenced" if fenced else "unknown").inc()
        self.tenure, self.fenced, self.trouble = None, fenced, why
        self.standing = Standing.WAITING
        self.answer_queue(f"the partition of this stream was lost: {why}")
        self.lost.set()

    def answer_queue(self, why: str) -> None:
        """Tells everybody in the queue that nothing was done."""
        while self.queue:
            self.queue.popleft().abandon(why)

    @property
    def wants_claim(self) -> bool:
        """Whether it must claim anew before it appends again: its claim is old, or its numbers run out."""
        tenure = self.tenure
        if tenure is None:
            return False
        return boot_seconds() - tenure.claimed_at > self.claim_seconds or tenure.sequence > SEQUENCE_LIMIT

    def take(self) -> Group | None:
        """Opens a group of what waits, oldest first. None: it does not serve, or nothing waits."""
        if self.tenure is None or self.open_group is not None or not self.queue:
            return None
        taken: list[Waiting] = []
        while self.queue and len(taken) < GROUP_COMMANDS:
            waiting = self.queue.popleft()
            if not waiting.done:
                taken.append(waiting)
        if not taken:
            return None
        self.open_group = Group(self.rules, self.partition.partition, self.tenure.claim, self.tenure.next_offset, taken)
        return self.open_group

    def conclude(self, group: Group, fence: int | None, outcome: Outcome | None) -> None:
        """Judges a group by what became of its append (None: it had nothing to append) and answers its commands.

        `fence` is the store's, read after the commands came.
        """
        if self.tenure is None or self.tenure.claim != group.claim:
            self.lose_group(group, outcome)
            return
        self.queue.extendleft(reversed(group.postponed))
        if outcome is None:
            self._conclude_without_append(group, fence)
        elif isinstance(outcome, Appended) and self.tenure is not None and outcome.offset == group.base:
            self._confirm(group)
        elif isinstance(outcome, NotAppended):
            FENCED_APPENDS.inc(outcome.fenced)
            self.open_group = None
            group.abandon(f"the append was refused: {outcome.reason}")
            self.lose(outcome.reason, fenced=outcome.fenced)
        else:
            UNKNOWN_APPENDS.inc()
            why = outcome.reason if isinstance(outcome, Unknown) else "the group landed where it was not expected"
            self.lose(why)

    def _conclude_without_append(self, group: Group, fence: int | None) -> None:
        self.open_group = None
        if self.tenure is not None:
            self.tenure.memory.remember(group.copy)
        if fence == group.claim.offset:
            group.answer()
            return
        group.abandon("another writer has taken the partition over")
        self.lose("the store has a newer claim", fenced=True)

    def _confirm(self, group: Group) -> None:
        tenure = self.tenure
        assert tenure is not None
        self.open_group = None
        tenure.next_offset += len(group.records)
        tenure.sequence += len(group.records)
        tenure.last_record = identity_of(group.records[-1][1])
        tenure.memory.remember(group.copy)
        tenure.memory.keep(group.copy, group.changed_streams, group.changed_rows)
        GROUPS.observe(len(group.records))
        COMMANDS.inc(len(group.appending))
        group.answer()

    async def settle(self) -> None:
        """After a new claim: tells the lost group's commands what became of them. Raises one of StoreAway."""
        group, tenure = self.open_group, self.tenure
        if group is None or tenure is None:
            return
        waits = [(w, command_place(w.submission.command.stream.id, w.submission.command_id)) for w in group.taken]
        known = {place: tenure.memory.rows[place] for _, place in waits if place in tenure.memory.rows}
        asked = {place: self.codec for waiting, place in waits if place not in known and not waiting.done}
        if asked:
            known.update((await self.store.fetch({}, asked, [])).rows)
        self.open_group = None
        for waiting, place in waits:
            command = known.get(place, ABSENT).value
            if command is not None and command.fingerprint == waiting.submission.fingerprint:
                waiting.accept(group.accepted(waiting.submission, command.result, command.offset, appended=True))
            else:
                waiting.phase = Phase.QUEUED
                waiting.abandon("the partition was lost before this was recorded")

    def abandon_group(self, group: Group, why: str) -> None:
        """Ends an open group of which nothing was sent."""
        self.open_group = None
        group.abandon(why)

    def renew_claim(self) -> None:
        """Takes over from oneself, as the claim has grown old; what waits in the queue goes on waiting."""
        if self.tenure is not None:
            self.tenure, self.trouble, self.standing = None, "", Standing.TAKING_OVER
            self.lost.set()

    def give_up_group(self) -> None:
        """Somebody else owns the partition: what became of the open group is for them to say."""
        group, self.open_group = self.open_group, None
        for waiting in group.taken if group else ():
            waiting.abandon("the partition was lost")

    async def flush(self) -> None:
        """Writes behind the log what is confirmed. Raises one of StoreAway."""
        tenure = self.tenure
        if tenure is None or tenure.flushed_offset == tenure.next_offset:
            return
        changed, end = tenure.memory.unflushed(), tenure.next_offset
        done = await self.store.flush(
            self.partition,
            self.codec,
            changed,
            fence=tenure.claim.offset,
            start=tenure.flushed_offset,
            end=end,
            claim=tenure.claim,
            last_record=tenure.last_record,
        )
        if done:
            tenure.flushed_offset = end
            tenure.memory.flushed(changed)
        else:
            self._look_again(tenure, await self.store.partition_row(self.partition))

    def _look_again(self, tenure: Tenure, row: PartitionRow) -> None:
        if row.fence != tenure.claim.offset:
            if self.tenure is tenure:
                self.lose("the store has a newer claim", fenced=True)
            return
        tenure.flushed_offset = row.next_offset  # a flush that seemed to fail was committed: write all again from there


def boot_seconds() -> float:
    """Seconds on the clock that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def name_of(partition: TopicPartition) -> str:
    """How a partition is called in logs."""
    return f"{partition.topic}-{partition.partition}"
