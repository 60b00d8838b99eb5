"""A group: the commands of one partition that are decided together and appended as one batch."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

import structlog

from services.command.deciding import Decider, Decision, Need, NotFetchedError, Refusal, Result, Rule, Unchanged
from services.command.dispatching import Accepted, KeyUsedForOther, LookUpCommand, NothingRecorded, Refused, Submission
from services.command.knowing import ABSENT, Row, RowPlace, WorkingCopy
from services.command.writing.appending import Record
from services.command.writing.decision_store import COMMAND_KIND, KnownCommand
from services.command.writing.metrics import REPEATS
from shared.events.domain_event import DomainEvent, Recorded
from shared.identifiers import CommandId, StreamId, StreamKind
from shared.log.positions import Position
from shared.log.records import Claim, encode_record
from shared.web.problems import InternalError, OutcomeUnknown, TooLarge, Unavailable

GROUP_COMMANDS = 512
GROUP_BYTES = 524_288
COMMAND_BYTES = 2_097_152
log = structlog.get_logger()


class Phase(Enum):
    """How far a command has come; it decides what is answered when the deadline passes."""

    QUEUED = "nothing was sent"
    REPEAT = "its record may exist"
    SENT = "its group was sent"


@dataclass(slots=True)
class Waiting:
    """A command and whoever waits for its answer."""

    submission: Submission
    future: "asyncio.Future[Accepted]"
    phase: Phase = Phase.QUEUED
    more_needs: tuple[Need, ...] = ()

    @property
    def done(self) -> bool:
        """Whether it was answered, or nobody waits any more."""
        return self.future.done()

    def accept(self, accepted: Accepted) -> None:
        """Answers with success."""
        if not self.future.done():
            self.future.set_result(accepted)

    def refuse(self, refusal: Refusal) -> None:
        """Answers with the decider's refusal."""
        self.fail(Refused(refusal))

    def fail(self, error: Exception) -> None:
        """Answers with an error."""
        if not self.future.done():
            self.future.set_exception(error)

    def abandon(self, why: str) -> None:
        """Says the truth when nothing can be known now: 503 if this request did nothing and never will, else 504."""
        if self.phase is Phase.QUEUED:
            self.fail(Unavailable(why))
        else:
            self.fail(outcome_unknown(self.submission))


def outcome_unknown(submission: Submission) -> OutcomeUnknown:
    """The answer when a command may or may not be in the log."""
    where = f"/v1/commands/{submission.command.stream.id}/{submission.command_id}"
    return OutcomeUnknown(
        f"ask again with the same key, or GET {where}",
        stream_id=submission.command.stream.id,
        command_id=submission.command_id,
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """What one kind of stream is decided by."""

    kind: StreamKind
    deciders: tuple[Decider, ...]
    by_command: dict[type, Rule]

    @classmethod
    def of(cls, kind: StreamKind, deciders: Sequence[Decider]) -> "Rules":
        """Those of the deciders that are for this kind."""
        mine = tuple(each for each in deciders if each.kind is kind)
        return cls(kind, mine, {rule.command: rule for each in mine for rule in each.rules})

    def result_of(self, recorded: Recorded) -> dict[str, object]:
        """What the event's command is answered, as far as this event says."""
        found: dict[str, object] = {}
        for each in self.deciders:
            found.update(each.result(recorded))
        return found


def command_place(stream_id: StreamId, command_id: CommandId) -> RowPlace:
    """Where it is kept that a command is in the log."""
    return (stream_id, COMMAND_KIND, command_id)


def remember_command(copy: WorkingCopy, rules: Rules, recorded: Recorded, offset: int) -> RowPlace:
    """Notes that the event's command is in the log at this offset; the result is that of all its events so far."""
    place = command_place(recorded.stream_id, recorded.command_id)
    known = copy.rows.get(place, ABSENT).value
    before = known.result if known is not None and recorded.index > 0 else {}
    result = {**before, **rules.result_of(recorded)}
    copy.rows[place] = Row(recorded.version, KnownCommand(recorded.fingerprint, recorded.actor, offset, result))
    return place


Answer = Callable[[], None]


@dataclass(slots=True)
class Group:
    """Decides what was taken, on a working copy, and holds back the answers that depend on its append.

    `base` is the offset that its first record must get. What changed is kept in order, so that the same always leads
    to the same. Nothing is awaited here.
    """

    rules: Rules
    partition: int
    claim: Claim
    base: int
    taken: list[Waiting]
    copy: WorkingCopy = field(default_factory=WorkingCopy)
    records: list[Record] = field(default_factory=list)
    postponed: list[Waiting] = field(default_factory=list)
    appending: list[Waiting] = field(default_factory=list)
    held_back: list[tuple[Waiting, Answer]] = field(default_factory=list)
    changed_streams: dict[StreamId, None] = field(default_factory=dict)
    changed_rows: dict[RowPlace, None] = field(default_factory=dict)
    bytes: int = 0

    def decide_all(self, now: datetime) -> None:
        """Decides each command that still waits for an answer, in the order in which they came."""
        for waiting in self.taken:
            if waiting.done:
                continue
            if self.bytes >= GROUP_BYTES:
                self.postponed.append(waiting)
                continue
            try:
                self._decide(waiting, now)
            except NotFetchedError as error:
                waiting.more_needs += (error.need,)
                self.postponed.append(waiting)

    def _decide(self, waiting: Waiting, now: datetime) -> None:
        submission = waiting.submission
        known = self.copy.rows.get(command_place(submission.command.stream.id, submission.command_id), ABSENT).value
        if isinstance(submission.command, LookUpCommand):
            self._look_up(waiting, known)
        elif known is None:
            self._decide_new(waiting, now)
        elif known.fingerprint != submission.fingerprint or known.actor != submission.actor:
            self.held_back.append((waiting, lambda: waiting.refuse(KeyUsedForOther())))
        else:
            self._repeat(waiting, known)

    def _look_up(self, waiting: Waiting, known: KnownCommand | None) -> None:
        if known is None or known.actor != waiting.submission.actor:
            self.held_back.append((waiting, lambda: waiting.refuse(NothingRecorded())))
        else:
            self._repeat(waiting, known)

    def answer_confirmed(self) -> None:
        """Answers repeats of what memory knows to be in the log, for which no store is needed."""
        for waiting in self.taken:
            place = command_place(waiting.submission.command.stream.id, waiting.submission.command_id)
            known = self.copy.rows.get(place, ABSENT).value
            if known is not None and known.offset < self.base and not waiting.done:
                self._repeat_if_same(waiting, known)

    def _repeat_if_same(self, waiting: Waiting, known: KnownCommand) -> None:
        same_content = known.fingerprint == waiting.submission.fingerprint
        if known.actor == waiting.submission.actor and (
            same_content or isinstance(waiting.submission.command, LookUpCommand)
        ):
            self._repeat(waiting, known)

    def _repeat(self, waiting: Waiting, known: KnownCommand) -> None:
        if not isinstance(waiting.submission.command, LookUpCommand):
            REPEATS.inc()
        accepted = self.accepted(waiting.submission, known.result, known.offset, appended=False)
        if known.offset < self.base:
            waiting.accept(accepted)  # what is confirmed stays so, whoever owns the partition now
            return
        waiting.phase = Phase.REPEAT
        self.held_back.append((waiting, lambda: waiting.accept(accepted)))

    def _decide_new(self, waiting: Waiting, now: datetime) -> None:
        decision = self._decision(waiting, now)
        if decision is None:
            return
        if isinstance(decision, Refusal):
            self.held_back.append((waiting, lambda: waiting.refuse(decision)))
        elif isinstance(decision, Unchanged) or not decision:
            result = decision.result if isinstance(decision, Unchanged) else {}
            last = self.base + len(self.records) - 1
            accepted = self.accepted(waiting.submission, result, last, appended=False)
            self.held_back.append((waiting, lambda: waiting.accept(accepted)))
        else:
            self._record(waiting, decision, now)

    def _decision(self, waiting: Waiting, now: datetime) -> Decision | None:
        submission = waiting.submission
        rule = self.rules.by_command[type(submission.command)]
        view = self.copy.view(submission.command.stream.id, submission.command_id, submission.actor)
        try:
            return rule.decide(submission.command, view, now)
        except NotFetchedError:
            raise
        except Exception as error:  # a fault in one rule must not end the partition's writer
            log.exception("a rule failed", command=type(submission.command).__name__, command_id=submission.command_id)
            waiting.fail(InternalError(f"the command could not be decided: {type(error).__name__}"))
            return None

    def _record(self, waiting: Waiting, events: Sequence[DomainEvent], now: datetime) -> None:
        submission = waiting.submission
        stream_id = submission.command.stream.id
        version = self.copy.streams[stream_id].version
        recorded = [
            Recorded(
                stream_id,
                version + 1 + index,
                now,
                submission.actor,
                submission.command_id,
                index,
                submission.fingerprint,
                event,
                submission.cause,
            )
            for index, event in enumerate(events)
        ]
        values = [encode_record(each, self.claim) for each in recorded]
        if sum(map(len, values)) > COMMAND_BYTES:
            waiting.fail(TooLarge("what follows from this command is more than one append may hold"))
            return
        rows = self.copy.apply(recorded, self.rules.deciders)
        for each, value in zip(recorded, values, strict=True):
            rows.append(remember_command(self.copy, self.rules, each, self.base + len(self.records)))
            self.records.append((stream_id.encode(), value))
            self.bytes += len(value)
        self.changed_streams[stream_id] = None
        self.changed_rows.update(dict.fromkeys(rows))
        waiting.phase = Phase.SENT
        known = self.copy.rows[command_place(stream_id, submission.command_id)].value
        accepted = self.accepted(submission, known.result, known.offset, appended=True)
        self.appending.append(waiting)
        self.held_back.append((waiting, lambda: waiting.accept(accepted)))

    def accepted(self, submission: Submission, result: Result, offset: int, *, appended: bool) -> Accepted:
        """The answer of a success at this offset."""
        position = str(Position(self.rules.kind, self.partition, offset))
        return Accepted(submission.command_id, position, result, appended)

    def landed(self, known: Mapping[RowPlace, Row]) -> bool:
        """Whether this group is in the log, by what is known of its commands: the first is what and where it was to be.

        One that another writer's try left cannot: his claim stands where this group was to begin, or after it.
        """
        if not self.appending:
            return False
        submission = self.appending[0].submission
        place = command_place(submission.command.stream.id, submission.command_id)
        found, decided = known.get(place, ABSENT), self.copy.rows[place]
        return found.version == decided.version and found.value.offset == decided.value.offset

    def answer(self) -> None:
        """Gives the answers that were held back: the append has succeeded, or nobody else can have served since."""
        for _, give in self.held_back:
            give()

    def abandon(self, why: str) -> None:
        """Nothing of this group is in the log, and never will be: 503 for all that wait."""
        for waiting in self.taken:
            if waiting.phase is Phase.SENT:
                waiting.phase = Phase.QUEUED
            waiting.abandon(why)
