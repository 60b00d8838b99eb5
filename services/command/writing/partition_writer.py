"""The writer of one partition: its queue, its tenure, and what it answers when an append succeeded or got lost."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

import structlog
from aiokafka.structs import TopicPartition

from services.command.knowing import ABSENT
from services.command.writing.appending import Appended, NotAppended, Outcome, Unknown
from services.command.writing.clocks import Clocks
from services.command.writing.decision_store import Codec, PartitionRow
from services.command.writing.fetching import Fetching
from services.command.writing.groups import GROUP_COMMANDS, Group, Phase, Rules, Waiting, command_place
from services.command.writing.metrics import (
    COMMANDS,
    FENCED_APPENDS,
    GROUPS,
    LOST_PARTITIONS,
    SERVING,
    UNKNOWN_APPENDS,
)
from services.command.writing.surroundings import Store
from services.command.writing.tenure import Tenure
from shared.log.identity import identity_of
from shared.log.records import NO_CLAIM, Claim
from shared.web.problems import Unavailable

SEQUENCE_LIMIT = 2**31 - 2**20
log = structlog.get_logger()


class Standing(Enum):
    """How a writer stands to its partition."""

    WAITING = "waiting for the lease"
    TAKING_OVER = "taking over"
    SERVING = "serving"
    RENEWING = "claiming anew"
    STOPPED = "stopped: an operator must act"


@dataclass(slots=True)
class PartitionWriter:
    """Decides and appends for one partition while it serves. One group is open at most."""

    partition: TopicPartition
    rules: Rules
    codec: Codec
    store: Store
    clocks: Clocks
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
    renewed: Claim = NO_CLAIM

    def enqueue(self, waiting: Waiting) -> None:
        """Takes a command in. Raises Unavailable, at once, when it could not be decided soon."""
        if self.standing not in (Standing.SERVING, Standing.RENEWING):
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
        SERVING.inc()

    def lose(self, why: str, *, fenced: bool = False) -> None:
        """The claim is over. What waits in the queue is told so; the open group is looked up after the next claim."""
        if self.tenure is None:
            return
        SERVING.dec()
        log.warning("a partition was lost", partition=name_of(self.partition), why=why, fenced=fenced)
        LOST_PARTITIONS.labels("fenced" if fenced else "unknown").inc()
        self.tenure, self.fenced = None, fenced
        self.standing = Standing.WAITING
        self.answer_queue(f"the partition of this stream was lost: {why}")
        self.lost.set()

    def stop_for(self, trouble: str) -> None:
        """Serves no more until an operator has acted."""
        self.standing, self.trouble = Standing.STOPPED, trouble
        self.answer_queue("the partition of this stream is stopped: an operator must act")
        self.give_up_group()

    def leave(self) -> None:
        """Serves no more: the service stops."""
        if self.tenure is not None:
            SERVING.dec()
            self.tenure, self.standing = None, Standing.WAITING

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
        return self.clocks.boot_seconds() - tenure.claimed_at > self.claim_seconds or tenure.sequence > SEQUENCE_LIMIT

    @property
    def has_work(self) -> bool:
        """Whether a group can be taken now."""
        return self.tenure is not None and self.open_group is None and bool(self.queue)

    def take(self) -> Group | None:
        """Opens a group of what waits, oldest first. None: it does not serve, or nothing waits."""
        if self.tenure is None or self.open_group is not None:
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

    def conclude(self, fetching: Fetching, outcome: Outcome | None) -> None:
        """Judges a group by what became of its append (None: it had nothing to append) and answers its commands."""
        group = fetching.group
        if self.open_group is not group:
            return  # it was settled, or given up, while its append was under way
        if self.tenure is None or self.tenure.claim != group.claim:
            self._conclude_lost(group, outcome)
        elif outcome is None:
            self.queue.extendleft(reversed(group.postponed))
            self._conclude_without_append(fetching, self.tenure)
        elif isinstance(outcome, Appended) and outcome.offset == group.base:
            self.queue.extendleft(reversed(group.postponed))
            self._confirm(group, self.tenure)
        elif isinstance(outcome, NotAppended):
            FENCED_APPENDS.inc(outcome.fenced)
            self.abandon_group(group, f"the append was refused: {outcome.reason}")
            self.lose(outcome.reason, fenced=outcome.fenced)
        else:
            UNKNOWN_APPENDS.inc()
            why = outcome.reason if isinstance(outcome, Unknown) else "the group landed where it was not expected"
            self.lose(why)

    def _conclude_lost(self, group: Group, outcome: Outcome | None) -> None:
        """The claim was over before the append was answered: unless it is a no, it is settled after the next claim."""
        if outcome is None or isinstance(outcome, NotAppended):
            FENCED_APPENDS.inc(isinstance(outcome, NotAppended) and outcome.fenced)
            self.abandon_group(group, "the partition was lost before this was recorded")
        else:
            UNKNOWN_APPENDS.inc()

    def _conclude_without_append(self, fetching: Fetching, tenure: Tenure) -> None:
        group = fetching.group
        if fetching.still_ours or not group.held_back:
            self.open_group = None
            tenure.memory.remember(group.copy)
            group.answer()
            return
        self.abandon_group(group, "another writer has taken the partition over")
        self.lose("the store has a newer claim", fenced=True)

    def _confirm(self, group: Group, tenure: Tenure) -> None:
        self.open_group = None
        tenure.next_offset += len(group.records)
        tenure.sequence += len(group.records)
        tenure.last_record = identity_of(group.records[-1][1])
        tenure.memory.remember(group.copy)
        tenure.memory.keep(group.copy, group.changed_streams, group.changed_rows)
        GROUPS.observe(len(group.records))
        COMMANDS.inc(len(group.appending))
        group.answer()

    async def settle(self, tenure: Tenure) -> None:
        """After a new claim: tells the lost group's commands what became of them. Raises one of StoreAway."""
        group = self.open_group
        if group is None:
            return
        waits = [(w, command_place(w.submission.command.stream.id, w.submission.command_id)) for w in group.taken]
        known = {place: tenure.memory.rows[place] for _, place in waits if place in tenure.memory.rows}
        first = group.appending[0] if group.appending else None
        asked = [place for w, place in waits if place not in known and (w is first or not w.done)]
        if asked:
            topic = self.partition.topic
            found = await self.store.fetch({}, {(topic, place): self.codec for place in asked}, [])
            known.update({place: row for (_, place), row in found.rows.items()})
        self.open_group = None
        landed = group.landed(known)
        for waiting, place in waits:
            command = known.get(place, ABSENT).value
            if command is not None and command.fingerprint == waiting.submission.fingerprint:
                ours = landed and waiting.phase is Phase.SENT
                waiting.accept(group.accepted(waiting.submission, command.result, command.offset, appended=ours))
            else:
                waiting.phase = Phase.QUEUED
                waiting.abandon("the partition was lost before this was recorded")

    def abandon_group(self, group: Group, why: str) -> None:
        """Ends a group of which nothing is in the log, and never will be."""
        if self.open_group is group:
            self.open_group = None
        group.abandon(why)

    def renew_claim_if_due(self) -> None:
        """Takes over from oneself when the claim has grown old; what waits in the queue goes on waiting."""
        if self.open_group is None and self.wants_claim:
            SERVING.dec()
            self.renewed = self.tenure.claim if self.tenure is not None else NO_CLAIM
            self.tenure, self.trouble, self.standing = None, "", Standing.RENEWING
            self.lost.set()

    def check_renewed(self, tenure: Tenure) -> None:
        """What waits goes on waiting, unless somebody else had the partition meanwhile: then it was lost after all.

        Else the first try of a repeat that he refused could be recorded now.
        """
        if self.standing is Standing.RENEWING and tenure.succeeds != self.renewed:
            self.answer_queue("another writer had the partition of this stream meanwhile")

    def give_up_group(self) -> None:
        """Somebody else owns the partition: what became of the open group is for them to say."""
        group, self.open_group = self.open_group, None
        for waiting in group.taken if group else ():
            waiting.abandon("the partition was lost")

    @property
    def has_unflushed(self) -> bool:
        """Whether the store does not have yet all that is confirmed."""
        return self.tenure is not None and self.tenure.flushed_offset != self.tenure.next_offset

    async def flush(self) -> None:
        """Writes behind the log what is confirmed. Raises one of StoreAway."""
        tenure = self.tenure
        if tenure is None or not self.has_unflushed:
            return
        unflushed = tenure.unflushed(tenure.claim)
        if await self.store.flush(self.partition, self.codec, unflushed):
            tenure.flushed(unflushed)
        else:
            self._look_again(tenure, await self.store.partition_row(self.partition))

    def _look_again(self, tenure: Tenure, row: PartitionRow) -> None:
        if self.tenure is not tenure:
            return
        if row.fence > tenure.claim.offset:
            self.lose("the store has a newer claim", fenced=True)
        elif row.fence < tenure.claim.offset or not tenure.flushed_offset <= row.next_offset <= tenure.next_offset:
            self.lose("the store went back behind what had been flushed to it")
        else:
            tenure.flushed_offset = row.next_offset  # a flush that seemed to fail was committed: write again from there


def name_of(partition: TopicPartition) -> str:
    """How a partition is called in logs."""
    return f"{partition.topic}-{partition.partition}"
