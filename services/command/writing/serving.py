"""The writers of this process: which partitions they serve, and the doors to them."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

import structlog
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition
from msgspec.structs import replace

from services.command.deciding import Command, Decider, Result, Stream
from services.command.dispatching import Accepted, LookUpCommand, Submission
from services.command.writing.committing import CommitLoop
from services.command.writing.decision_store import Codec, StoreAway
from services.command.writing.groups import Rules, Waiting
from services.command.writing.leases import Leases
from services.command.writing.partition_writer import PartitionWriter, Standing, name_of
from services.command.writing.supervising import Supervisor
from services.command.writing.surroundings import Surroundings
from services.command.writing.taking_over import Parts
from services.command.writing.tenure import transactional_id_of
from shared.identifiers import VERBATIM_ITSELF, CommandId, StreamKind, UserId, random_key
from shared.log.topics import UnusableTopicError, partition_of, partitions_of
from shared.settings import Settings
from shared.web.problems import InternalError, Problem, Unavailable

FLUSH_SECONDS = 0.25
"""Rarer flushes carry more each, and cost commands less; a takeover has as much more of the log to read."""
FLUSHES_AT_ONCE = 4
PROBE_SECONDS = 1.0
FINISH_SECONDS = 2.0
TOPIC_RETRY_SECONDS = 1.0
TOO_LATE = "it could not be decided in time"
log = structlog.get_logger()


class Writers:
    """Serves the partitions whose leases this process gets. `start` returns soon; serving comes by and by."""

    def __init__(self, settings: Settings, surroundings: Surroundings, deciders: Sequence[Decider]) -> None:
        self.wanted = tuple(each for kind in StreamKind for each in partitions_of(settings, kind))
        self._settings = settings
        self._ensure_topics = surroundings.ensure_topics
        self._appender, self._reader = surroundings.appender, surroundings.reader
        self._store, self._clocks = surroundings.store, surroundings.clocks
        self._leases = Leases(surroundings.leases, settings.lease_seconds, self._clocks)
        self._supervisors = {
            each: self._supervisor(each, Rules.of(kind, deciders))
            for kind in StreamKind
            for each in partitions_of(settings, kind)
        }
        self._writers = {each: supervisor.writer for each, supervisor in self._supervisors.items()}
        self._by_kind = {kind: [self._writers[each] for each in partitions_of(settings, kind)] for kind in StreamKind}
        self._commit_loops: dict[int, CommitLoop] = {}
        self._flushes = asyncio.Semaphore(FLUSHES_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._topic_trouble = ""

    def _supervisor(self, partition: TopicPartition, rules: Rules) -> Supervisor:
        codec = Codec(rules.deciders)
        parts = Parts(
            partition,
            rules,
            codec,
            self._store,
            self._appender,
            self._reader,
            self._clocks,
            transactional_id_of(self._settings, partition),
            self._settings.instance_name,
        )
        writer = PartitionWriter(
            partition,
            rules,
            codec,
            self._store,
            self._clocks,
            self._settings.queue_limit,
            self._settings.claim_hours * 3600,
        )
        return Supervisor(writer, parts, self._leases, self._commit_loop, self._clocks)

    @property
    def serving(self) -> frozenset[TopicPartition]:
        """The partitions that are served here now."""
        return frozenset(each for each, writer in self._writers.items() if writer.tenure is not None)

    def serving_of(self, kind: StreamKind) -> frozenset[TopicPartition]:
        """Those of them that hold streams of this kind."""
        return self.serving & frozenset(partitions_of(self._settings, kind))

    @property
    def leased(self) -> frozenset[TopicPartition]:
        """The partitions that this process should serve: those whose leases it holds."""
        return self._leases.held

    @property
    def trouble(self) -> dict[str, str]:
        """Why an operator must act, by partition's name, or `topics`."""
        found = {name_of(each): w.trouble for each, w in self._writers.items() if w.standing is Standing.STOPPED}
        return {**found, "topics": self._topic_trouble} if self._topic_trouble else found

    @property
    def kafka_connected(self) -> bool:
        """Whether Kafka answered when it was last probed, at most some seconds ago."""
        return self._appender.connected

    @property
    def store_connected(self) -> bool:
        """Whether Postgres has renewed the leases lately."""
        return self._leases.fresh

    async def start(self) -> None:
        """Checks the topics and starts what serves. Raises UnusableTopicError; Kafka and Postgres may still be away."""
        self._run(self._watch_kafka())
        self._run(self._leases.keep())
        try:
            await self._ensure_topics()
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("the topics cannot be checked yet", error=repr(error))
            self._run(self._check_topics_later())
        else:
            self._start_serving()

    async def _check_topics_later(self) -> None:
        while True:
            await asyncio.sleep(TOPIC_RETRY_SECONDS)
            try:
                await self._ensure_topics()
            except UnusableTopicError as error:
                log.critical("the topics cannot be used", why=str(error))
                self._topic_trouble = str(error)
                return
            except (KafkaError, OSError, TimeoutError):
                continue
            self._start_serving()
            return

    def _start_serving(self) -> None:
        for supervisor in self._supervisors.values():
            self._run(supervisor.run())
        self._run(self._keep_flushing())

    async def stop(self) -> None:
        """Refuses what is new, finishes what is open, flushes, and gives the leases up."""
        self._stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                # Each partition finishes by itself; nothing says that all have.
                while any(writer.queue or writer.open_group for writer in self._writers.values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers.values():
            writer.answer_queue("the service is stopping")
            writer.give_up_group()
        await asyncio.gather(*(self._flush(writer) for writer in self._writers.values()))
        try:
            await self._leases.release()
        except StoreAway as error:
            log.warning("the leases could not be given up", error=repr(error))
        for writer in self._writers.values():
            writer.leave()
        await self._appender.reset()
        await self._reader.close()

    async def dispatch(self, submission: Submission) -> Accepted:
        """Has a command decided and recorded. Raises Refused, Unavailable or OutcomeUnknown."""
        loop = asyncio.get_running_loop()
        waiting = self._enqueued(submission, loop)
        deadline = submission.deadline or loop.time() + self._settings.command_deadline_seconds
        timer = loop.call_at(deadline, waiting.abandon, TOO_LATE)
        try:
            return await waiting.future
        finally:
            timer.cancel()
            del (
                waiting
            )  # a refusal would keep itself and its request alive: it knows this frame, which knows the future

    async def dispatch_all(self, submissions: Iterable[Submission]) -> list[Accepted | Problem]:
        """Has commands decided and recorded, those of one stream in their order, all within the default time.

        An answer for each, in their order; what `dispatch` would raise is given.
        """
        loop = asyncio.get_running_loop()
        enqueued = [self._enqueued_or_not(each, loop) for each in submissions]
        waiting = [each for each in enqueued if isinstance(each, Waiting)]
        timer = loop.call_later(self._settings.command_deadline_seconds, _abandon_all, waiting)
        try:
            answers = iter(await asyncio.gather(*(each.future for each in waiting), return_exceptions=True))
        finally:
            timer.cancel()
        return [_answered(next(answers)) if isinstance(each, Waiting) else each for each in enqueued]

    def _enqueued_or_not(self, submission: Submission, loop: asyncio.AbstractEventLoop) -> Waiting | Problem:
        try:
            return self._enqueued(submission, loop)
        except Problem as problem:
            return problem

    def _enqueued(self, submission: Submission, loop: asyncio.AbstractEventLoop) -> Waiting:
        writer = self._writer_of(submission.command)
        waiting = Waiting(submission, loop.create_future())
        writer.enqueue(waiting)
        if writer.standing is Standing.SERVING:
            self._commit_loop(writer.node).wake()
        return waiting

    async def ask(self, question: Command, deadline: float | None = None) -> Result:
        """Has a stream's writer answer a question. Raises Refused or Unavailable."""
        submission = Submission(question, CommandId(random_key()), VERBATIM_ITSELF, "", deadline=deadline)
        return (await self.dispatch(submission)).result

    async def look_up(
        self, stream: Stream, command_id: CommandId, actor: UserId, deadline: float | None = None
    ) -> Accepted:
        """What became of a command, for its owner. Raises Refused(NothingRecorded), Unavailable or OutcomeUnknown."""
        question = Submission(LookUpCommand(stream, command_id), command_id, actor, "", deadline=deadline)
        return replace(await self.dispatch(question), appended=False)

    def _writer_of(self, command: Command) -> PartitionWriter:
        if self._stopping:
            raise Unavailable("the service is stopping")
        if not self.kafka_connected:
            raise Unavailable("the log cannot be reached")
        stream = command.stream
        writers = self._by_kind[stream.kind]
        writer = writers[partition_of(stream.id, len(writers))]
        if not isinstance(command, LookUpCommand) and type(command) not in writer.rules.by_command:
            raise InternalError(f"nobody decides {type(command).__name__} for {stream.kind}")
        return writer

    def _commit_loop(self, node: int) -> CommitLoop:
        if node not in self._commit_loops:
            self._commit_loops[node] = CommitLoop(node, self._appender, self._store, self._clocks)
            self._run(self._commit_loops[node].run())
        return self._commit_loops[node]

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            behind = [writer for writer in self._writers.values() if writer.has_unflushed]
            await asyncio.gather(*(self._flush(writer) for writer in behind))
            for writer in self._writers.values():
                writer.renew_claim_if_due()

    async def _flush(self, writer: PartitionWriter) -> None:
        try:
            async with self._flushes:
                await writer.flush()
        except StoreAway as error:
            log.warning("a flush failed", partition=name_of(writer.partition), error=repr(error))

    async def _watch_kafka(self) -> None:
        while True:
            if await self._appender.probe():
                await asyncio.sleep(PROBE_SECONDS)
            else:
                await asyncio.sleep(PROBE_SECONDS / 4)

    def _run(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)


def _abandon_all(waiting: Sequence[Waiting]) -> None:
    for each in waiting:
        each.abandon(TOO_LATE)


def _answered(answer: Accepted | BaseException) -> Accepted | Problem:
    if isinstance(answer, Accepted | Problem):
        return answer
    raise answer
