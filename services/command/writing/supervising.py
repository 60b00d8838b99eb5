"""Supervises a partition: waits for its lease, takes it over, settles what was left open, serves, and begins again."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from services.command.writing.appending import BrokerAwayError
from services.command.writing.clocks import Clocks
from services.command.writing.committing import CommitLoop
from services.command.writing.decision_store import StoreAway
from services.command.writing.leases import Leases
from services.command.writing.partition_writer import PartitionWriter, Standing, name_of
from services.command.writing.taking_over import (
    ClaimNotWrittenError,
    NewerClaimError,
    Parts,
    StopError,
    StoreWentBackError,
    take_over,
)
from services.command.writing.tenure import Tenure
from shared.log.consuming import LogUnreachableError

CLAIMS_AN_HOUR = 300
HOUR = 3600.0
AWAY_PAUSE_SECONDS = 0.3
SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 30.0
SETTLED_SECONDS = 10.0
LEASE_AGE_SECONDS = 2.0
log = structlog.get_logger()


@dataclass(slots=True)
class Claims:
    """Bounds how often a partition is claimed: each claim uses up an epoch, and a fight would never end by itself."""

    clocks: Clocks
    began: deque[float] = field(default_factory=deque)
    failures: int = 0

    async def admit(self) -> None:
        """Waits until another claim may be made: longer after each that came to nothing, and at most N an hour."""
        if self.failures:
            pause = min(LONGEST_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS * 2 ** (self.failures - 1))
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # jitter guards nothing
        now = self.clocks.boot_seconds()
        while self.began and now - self.began[0] > HOUR:
            self.began.popleft()
        if len(self.began) >= CLAIMS_AN_HOUR:
            log.error("a partition was claimed too often: it is left alone until the hour is over")
            await asyncio.sleep(self.began.popleft() + HOUR - now)
        self.began.append(self.clocks.boot_seconds())

    def ended(self, seconds: float) -> None:
        """A tenure is over that lasted so long; a short one counts as a failure."""
        self.failures = 0 if seconds >= SETTLED_SECONDS else self.failures + 1


@dataclass(slots=True)
class Supervisor:
    """Keeps one partition served for as long as this process should own it."""

    writer: PartitionWriter
    parts: Parts
    leases: Leases
    commit_loop: Callable[[int], CommitLoop]
    clocks: Clocks
    claims: Claims = field(init=False)

    def __post_init__(self) -> None:
        self.claims = Claims(self.clocks)

    async def run(self) -> None:
        """Serves whenever the lease is held, until cancelled, or until only an operator can help."""
        while True:
            try:
                await self._one_tenure()
            except StopError as error:
                log.critical("a partition is stopped", partition=name_of(self.writer.partition), why=str(error))
                self.writer.stop_for(str(error))
                return
            except NewerClaimError:
                log.warning("another writer has the partition", partition=name_of(self.writer.partition))
                self.writer.fenced = True
                await self._pause("another writer has the partition", self._wait_after_failure)
            except (BrokerAwayError, LogUnreachableError, *StoreAway) as error:
                await self._pause(f"it cannot be taken over now: {error}", _sleep_while_away)
            except ClaimNotWrittenError as error:
                await self._pause(f"the claim was not written: {error}", self._wait_after_failure)
            except StoreWentBackError as error:
                await self._pause(f"the store lost what had been flushed to it: {error}", self._wait_after_failure)
            except Exception:
                log.exception("a takeover failed", partition=name_of(self.writer.partition))
                await self._pause("a fault of ours", self._wait_after_failure)

    async def _one_tenure(self) -> None:
        writer = self.writer
        await self._wait_for_lease()
        if writer.standing is not Standing.RENEWING:
            writer.standing = Standing.TAKING_OVER
        began = self.clocks.boot_seconds()
        tenure, node = await take_over(self.parts, self._may_fence)
        await self._settle(tenure)
        writer.check_renewed(tenure)
        writer.serve(tenure, node)
        log.info(
            "a partition is served",
            partition=name_of(writer.partition),
            claim=str(tenure.claim),
            seconds=round(self.clocks.boot_seconds() - began, 3),
        )
        await self._serve_until_lost(tenure)

    async def _wait_for_lease(self) -> None:
        """Waits for the lease: as of now after a fence, else as of a moment ago."""
        now = self.clocks.boot_seconds()
        if self.writer.fenced or not self.leases.holds(self.writer.partition):
            self.writer.give_up_group()
        await self.leases.wait_for(self.writer.partition, now if self.writer.fenced else now - LEASE_AGE_SECONDS)
        self.writer.fenced = False

    async def _may_fence(self) -> None:
        await self.claims.admit()
        if not self.leases.holds(self.writer.partition):
            raise NewerClaimError(f"the lease of {name_of(self.writer.partition)} was lost")

    async def _settle(self, tenure: Tenure) -> None:
        while True:
            try:
                await self.writer.settle(tenure)
            except StoreAway as error:
                log.warning("what was left open waits for the decision store", error=repr(error))
                await _sleep_while_away()
            else:
                return

    async def _serve_until_lost(self, tenure: Tenure) -> None:
        began = self.clocks.boot_seconds()
        loop = self.commit_loop(self.writer.node)
        loop.add(self.writer)
        recalling = asyncio.create_task(self._recall_rows(tenure))
        try:
            await self.writer.lost.wait()
        finally:
            loop.remove(self.writer)
            recalling.cancel()
        if self.writer.standing is Standing.RENEWING:
            self.claims.failures = 0
        else:
            self.claims.ended(self.clocks.boot_seconds() - began)

    async def _recall_rows(self, tenure: Tenure) -> None:
        while True:
            try:
                await recall_rows(self.parts, tenure)
            except StoreAway as error:
                log.warning(
                    "rows could not be recalled yet", partition=name_of(self.writer.partition), error=repr(error)
                )
                await _sleep_while_away()
            else:
                return

    async def _pause(self, why: str, pause: Callable[[], Awaitable[None]]) -> None:
        self.writer.standing = Standing.WAITING
        self.writer.answer_queue(f"the partition of this stream is not served: {why}")
        await pause()

    async def _wait_after_failure(self) -> None:
        self.claims.failures += 1


async def _sleep_while_away() -> None:
    await asyncio.sleep(AWAY_PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311  # jitter guards nothing


async def recall_rows(parts: Parts, tenure: Tenure) -> None:
    """Learns which rows were ever made, so that the store need not be asked for those that never were.

    Nothing is gained when the store lost, meanwhile, what had been flushed to it. Raises one of StoreAway.
    """
    start = tenure.flushed_offset
    await parts.store.fill(parts.partition, tenure.memory.made)
    covered = (await parts.store.fetch({}, {}, [parts.partition])).covered.get(parts.partition)
    tenure.memory.made_is_whole = (
        covered is not None and covered.fence == tenure.claim.offset and covered.next_offset >= start
    )
