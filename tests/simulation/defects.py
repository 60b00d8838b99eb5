"""The rules of the writers' protocol, each broken once: what the simulation must find, else it proves nothing.

Each function plants a defect in the code that is simulated, or in what the protocol asks of the servers.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from pytest import MonkeyPatch  # noqa: PT013  # a type here, nothing of pytest's is called

from services.command.knowing import ABSENT, RowPlace, WorkingCopy
from services.command.writing import appending, remembering, taking_over
from services.command.writing.appending import Appended, Outcome
from services.command.writing.committing import CommitLoop, Opened
from services.command.writing.fetching import Fetching
from services.command.writing.groups import Group, command_place
from services.command.writing.partition_writer import PartitionWriter
from services.command.writing.remembering import Memory
from shared.log.claim_rule import Judged, Void, judge_record
from shared.log.identity import identity_of
from shared.log.records import Claim, DecodedEvent, decode_record
from tests.simulation.brokers import AppenderInMemory, PartitionLog
from tests.simulation.log_stories import (
    a_log_that_goes_back,
    a_succession,
    an_answer_that_says_nothing,
    an_append_that_comes_late,
    errors_that_say_nothing,
)
from tests.simulation.store import Database
from tests.simulation.store_stories import (
    a_fence_that_comes_late,
    a_flush_that_comes_late,
    a_flush_that_takes_long,
    a_question_that_takes_long,
    a_store_that_goes_back,
    a_store_that_goes_back_beneath_a_successor,
)
from tests.simulation.troubles import Trouble, faults_of_all_kinds

Plant = Callable[[MonkeyPatch], None]


def void_records_count(patch: MonkeyPatch) -> None:
    """The claim rule: what was written under a claim that is not in force counts."""

    def judged(offset: int, value: bytes | None, in_force: Claim) -> Judged:
        found = judge_record(offset, value, in_force)
        if isinstance(found, Void):
            decoded = decode_record(value)
            assert isinstance(decoded, DecodedEvent)
            return decoded.recorded
        return found

    patch.setattr(taking_over, "judge_record", judged)


def any_offset_will_do(patch: MonkeyPatch) -> None:
    """The offset check: a group is acknowledged wherever it landed."""
    conclude = PartitionWriter.conclude

    def credulous(self: PartitionWriter, fetching: Fetching, outcome: Outcome | None) -> None:
        conclude(self, fetching, Appended(fetching.group.base) if isinstance(outcome, Appended) else outcome)

    patch.setattr(PartitionWriter, "conclude", credulous)


def groups_are_pipelined(patch: MonkeyPatch) -> None:
    """One open group: the next one is sent before the first is settled, by a broker that checks no sequences."""

    async def pipelined(self: CommitLoop, opened: Opened) -> None:
        for writer, fetching in opened:
            group, tenure = fetching.group, writer.tenure
            batch = self._decide(writer, fetching, self._clocks.now())
            if batch is None or tenure is None:
                writer.conclude(fetching, None)
                continue
            writer.open_group = None
            tenure.next_offset += len(group.records)
            tenure.sequence += len(group.records)
            tenure.last_record = identity_of(group.records[-1][1])
            tenure.memory.keep(group.copy, group.changed_streams, group.changed_rows)
            self._do_aside(partial(appended, self, batch), [(writer, fetching)])

    async def appended(self: CommitLoop, batch: bytes, opened: Opened) -> None:
        ((writer, fetching),) = opened
        group = fetching.group
        outcome = (await self._appender.append(self._node, {writer.partition: batch}))[writer.partition]
        if outcome == Appended(group.base):
            group.answer()
        else:
            writer.lose("a group was lost")

    patch.setattr(CommitLoop, "_decide_and_append", pipelined)
    patch.setattr(PartitionLog, "_due", staticmethod(lambda *_: ANY))


class _Any:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __ne__(self, other: object) -> bool:
        return False


ANY = _Any()


def nobody_asks_whose_it_is(patch: MonkeyPatch) -> None:
    """The fence row: an answer that appends nothing is given without a look at whose the partition is."""
    patch.setattr(Fetching, "still_ours", True)


def offset_is_read_before_the_fence(patch: MonkeyPatch) -> None:
    """The claim row before the offset: the store's row is read before others are shut out of it.

    Whoever looks how far the store reaches while he follows the log notices: so he does not look here.
    """
    check, rows = taking_over._check_last_record, {}

    async def checked(parts: Any, row: Any) -> None:
        rows[id(parts)] = row
        await check(parts, row)

    async def row_to_start_from(parts: Any, *_: Any, **__: Any) -> Any:
        return rows[id(parts)]

    patch.setattr(taking_over, "_check_last_record", checked)
    patch.setattr(taking_over, "_row_to_start_from", row_to_start_from)
    a_catch_up_believes_a_store_that_went_back(patch)


def flushes_are_not_conditional(patch: MonkeyPatch) -> None:
    """The condition of a flush: there is none."""
    patch.setattr(Database, "may_flush", lambda *_: True)


def flushes_ask_for_the_claim_alone(patch: MonkeyPatch) -> None:
    """The condition of a flush: the claim, and not the offset."""
    patch.setattr(Database, "may_flush", lambda _, row, fence, __: row.fence == fence)


def flushes_ask_for_the_offset_alone(patch: MonkeyPatch) -> None:
    """The condition of a flush: the offset, and not the claim."""
    patch.setattr(Database, "may_flush", lambda _, row, __, start: row.next_offset == start)


def the_fence_may_go_back(patch: MonkeyPatch) -> None:
    """The claim row only grows: an older claim may be put there again."""

    def fence(self: Database, partition: Any, claim_offset: int) -> bool:
        self.tables.partitions[partition] = replace(self.partition(partition), fence=claim_offset)
        self.on_disk()
        return True

    patch.setattr(Database, "fence", fence)


def fence_and_claim_are_one_column(patch: MonkeyPatch) -> None:
    """Two columns: a takeover overwrites the claim in force before it has read it."""
    fence = Database.fence

    def both(self: Database, partition: Any, claim_offset: int) -> bool:
        done = fence(self, partition, claim_offset)
        if done:
            row = self.partition(partition)
            self.tables.partitions[partition] = replace(row, claim=Claim(claim_offset, row.claim.epoch))
        return done

    patch.setattr(Database, "fence", both)


def memory_is_looked_into_after_the_query(patch: MonkeyPatch) -> None:
    """Capture before await: what memory knew is taken when all is fetched; a flush may have let it be forgotten."""
    decide_all = Group.decide_all
    late: dict[int, list[tuple[Memory, RowPlace]]] = defaultdict(list)

    def capture_row(self: Memory, place: RowPlace, copy: WorkingCopy) -> bool:
        if place in self.rows:
            late[id(copy)].append((self, place))
        return place in copy.rows or place in self.rows

    def decided(self: Group, now: datetime) -> None:
        for memory, place in late.pop(id(self.copy), ()):
            self.copy.rows.setdefault(place, memory.rows.get(place, ABSENT))
        decide_all(self, now)

    patch.setattr(Memory, "capture_row", capture_row)
    patch.setattr(Group, "decide_all", decided)


def unknown_is_told_as_never(patch: MonkeyPatch) -> None:
    """Three kinds of answer: a lost group is told 503 at once."""
    lose = PartitionWriter.lose

    def too_sure(self: PartitionWriter, why: str, *, fenced: bool = False) -> None:
        if self.open_group is not None:
            self.abandon_group(self.open_group, why)
        lose(self, why, fenced=fenced)

    patch.setattr(PartitionWriter, "lose", too_sure)


def a_lost_group_is_decided_again(patch: MonkeyPatch) -> None:
    """A lost group is looked up, and never decided again."""
    settle = PartitionWriter.settle

    async def again(self: PartitionWriter, tenure: Any) -> None:
        group = self.open_group
        if group is not None:
            self.open_group = None
            self.queue.extend(waiting for waiting in group.taken if not waiting.done)
        await settle(self, tenure)

    patch.setattr(PartitionWriter, "settle", again)


def answers_come_before_the_append(patch: MonkeyPatch) -> None:
    """Acknowledged means appended: the answers are given when the group is decided."""
    decide_all = Group.decide_all

    def hasty(self: Group, now: Any) -> None:
        decide_all(self, now)
        self.answer()

    patch.setattr(Group, "decide_all", hasty)


def keys_are_not_followed(patch: MonkeyPatch) -> None:
    """Doing it once: a catch-up does not learn which commands are in the log."""
    patch.setattr(taking_over, "remember_command", lambda _, __, recorded, ___: _place(recorded))


def _place(recorded: Any) -> Any:
    return command_place(recorded.stream_id, recorded.command_id)


def errors_that_say_nothing_are_a_no(patch: MonkeyPatch) -> None:
    """A definite no: a time-out of the broker is taken for one."""
    patch.setitem(appending.DEFINITE_NO, 7, "REQUEST_TIMED_OUT")


def appends_are_sent_again(patch: MonkeyPatch) -> None:
    """Sent once, resent by nobody: something below us sends an append again when no answer comes."""
    append = AppenderInMemory.append

    async def stubborn(self: AppenderInMemory, node: int, batches: Any) -> Any:
        outcomes = await append(self, node, batches)
        if any(isinstance(each, appending.Unknown) for each in outcomes.values()):
            return await append(self, node, batches)
        return outcomes

    patch.setattr(AppenderInMemory, "append", stubborn)


def what_is_not_flushed_is_forgotten(patch: MonkeyPatch) -> None:
    """Unflushed rows are never forgotten."""
    oldest = remembering._oldest
    patch.setattr(remembering, "_oldest", lambda known, _, surplus: oldest(known, set(), surplus))


def a_store_that_went_back_is_believed(patch: MonkeyPatch) -> None:
    """A store that lost what had been flushed to it is asked all the same."""
    patch.setattr(Fetching, "outdated", False)


def a_catch_up_believes_a_store_that_went_back(patch: MonkeyPatch) -> None:
    """Somebody who follows the log believes a store that lost what he had flushed to it on his way."""
    patch.setattr(taking_over, "_check_coverage", lambda *_: None)


def a_queue_outlives_another_owner(patch: MonkeyPatch) -> None:
    """What waits at a loss is told 503: whoever renews an old claim keeps it, also when another had the partition."""
    patch.setattr(PartitionWriter, "check_renewed", lambda *_: None)


def a_log_that_went_back_is_not_noticed(patch: MonkeyPatch) -> None:
    """A log that went back: the record before the store's offset is not compared with the one that was there."""

    async def nothing(*_: Any) -> None:
        pass

    patch.setattr(taking_over, "_check_last_record", nothing)


def a_log_is_compared_before_the_claim_alone(patch: MonkeyPatch) -> None:
    """A log that went back: it may do so after it was compared, while somebody waits for his turn to claim."""

    start_from = taking_over._row_to_start_from

    async def row_to_start_from(parts: Any, claim: Claim, *, rebuilding: bool) -> Any:
        if rebuilding:
            return await start_from(parts, claim, rebuilding=True)
        return await parts.store.partition_row(parts.partition)

    patch.setattr(taking_over, "_row_to_start_from", row_to_start_from)


DEFECTS: dict[Plant, tuple[Trouble, int]] = {
    void_records_count: (an_append_that_comes_late, 0),
    any_offset_will_do: (an_append_that_comes_late, 0),
    groups_are_pipelined: (faults_of_all_kinds, 4),
    nobody_asks_whose_it_is: (a_succession, 1),
    offset_is_read_before_the_fence: (a_store_that_goes_back, 0),
    flushes_are_not_conditional: (a_flush_that_takes_long, 2),
    flushes_ask_for_the_claim_alone: (a_flush_that_takes_long, 2),
    flushes_ask_for_the_offset_alone: (a_flush_that_comes_late, 7),
    the_fence_may_go_back: (a_fence_that_comes_late, 1),
    fence_and_claim_are_one_column: (faults_of_all_kinds, 2),
    memory_is_looked_into_after_the_query: (a_question_that_takes_long, 1),
    unknown_is_told_as_never: (errors_that_say_nothing, 0),
    a_lost_group_is_decided_again: (an_answer_that_says_nothing, 5),
    answers_come_before_the_append: (faults_of_all_kinds, 0),
    keys_are_not_followed: (errors_that_say_nothing, 0),
    errors_that_say_nothing_are_a_no: (errors_that_say_nothing, 0),
    appends_are_sent_again: (faults_of_all_kinds, 0),
    what_is_not_flushed_is_forgotten: (a_flush_that_takes_long, 1),
    a_store_that_went_back_is_believed: (a_store_that_goes_back, 3),
    a_catch_up_believes_a_store_that_went_back: (a_store_that_goes_back_beneath_a_successor, 4),
    a_queue_outlives_another_owner: (an_answer_that_says_nothing, 74),
    a_log_that_went_back_is_not_noticed: (a_log_that_goes_back, 0),
    a_log_is_compared_before_the_claim_alone: (a_log_that_goes_back, 7),
}
"""In which kind of trouble each is found, and a seed that finds it: a good one to begin with."""
