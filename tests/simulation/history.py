"""What the people of a simulation asked and were answered, and whether that was the truth."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiokafka.structs import TopicPartition

from services.command.dispatching import Accepted, Refused, Submission
from shared.log.positions import parse_position
from shared.web.problems import OutcomeUnknown, Unavailable
from tests.simulation.boards import Moment, PlainReading
from tests.simulation.lives import PlainLife, wrongly_decided


@dataclass(eq=False)
class Attempt:
    """One request. `floor`: what of the log had been shown to somebody before it was sent."""

    number: int
    submission: Submission
    partition: TopicPartition
    process: str
    sent_at: float
    floor: int
    given_up: bool = False
    outcome: Accepted | Exception | None = None

    @property
    def cause(self) -> str:
        return f"attempt-{self.number}"

    @property
    def settled(self) -> bool:
        """Whether it was accepted, or refused by a rule."""
        return isinstance(self.outcome, Accepted | Refused)


@dataclass
class History:
    """All attempts, and every answer that was not the truth."""

    readings: dict[TopicPartition, PlainReading]
    shown: Counter[TopicPartition] = field(default_factory=Counter)
    attempts: list[Attempt] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    def sent(self, submission: Submission, partition: TopicPartition, process: str, now: float) -> Attempt:
        """Notes a request that is sent now."""
        attempt = Attempt(len(self.attempts), submission, partition, process, now, self.shown[partition])
        self.attempts.append(attempt)
        return attempt

    def answered(self, attempt: Attempt, outcome: Accepted | Exception) -> None:
        """Notes an answer, and checks it against the log as it is now."""
        attempt.outcome = outcome
        seen = self._checked(attempt, outcome)
        if not attempt.given_up and seen is not None:
            self.shown[attempt.partition] = max(self.shown[attempt.partition], seen)

    def lose(self, partition: TopicPartition, length: int) -> None:
        """Forgets what was said of records that were lost, as an operator does who accepts that: to ask again is to ask
        anew."""
        self.shown[partition] = min(self.shown[partition], length)
        for each in self.attempts:
            if each.partition == partition and isinstance(each.outcome, Accepted):
                each.outcome = None

    def _checked(self, attempt: Attempt, outcome: Accepted | Exception) -> int | None:
        """Gives how much of the log the answer shows, if any."""
        match outcome:
            case Accepted() if "version" in outcome.result:
                self._check_record(attempt, outcome)
                return parse_position(outcome.position).offset + 1
            case Accepted():
                self.met["unchanged"] += 1
                return self._justified(attempt, ("unchanged", dict(outcome.result)))
            case Refused():
                self.met["refused"] += 1
                return self._justified(attempt, ("refusal", outcome.refusal))
            case Unavailable():
                self.met["unavailable"] += 1
            case OutcomeUnknown():
                self.met["unknown"] += 1
            case _:
                self.find(f"attempt {attempt.number} was answered {outcome!r}")
        return None

    def _check_record(self, attempt: Attempt, accepted: Accepted) -> None:
        self.met["accepted" if accepted.appended else "repeated"] += 1
        reading = self.readings[attempt.partition]
        kept = reading.at(reading.end).board(attempt.submission.command.stream.id).commands.get(accepted.command_id)
        offset = parse_position(accepted.position).offset
        if kept is None:
            self.find(f"L1: attempt {attempt.number} was accepted at {offset}, and is not in the log")
        elif (kept.offset, kept.result) != (offset, accepted.result):
            self.find(f"L1: attempt {attempt.number} was accepted as {accepted}, but the log has {kept}")
        elif kept.fingerprint != attempt.submission.fingerprint:
            self.find(f"L1: attempt {attempt.number} was accepted, but the log has another content")
        elif accepted.appended and kept.causes != {attempt.cause}:
            self.find(f"L1: attempt {attempt.number} was told that it appended what {kept.causes} did")

    def _justified(self, attempt: Attempt, answer: tuple[str, Any]) -> int | None:
        """The first moment since the attempt was sent at which its answer was true."""
        reading, submission = self.readings[attempt.partition], attempt.submission
        for offset, moment in reading.between(attempt.floor, reading.end):
            board = moment.board(submission.command.stream.id)
            if submission.command_id not in board.commands and board.answer(submission) == answer:
                return offset
        self.find(
            f"L4: attempt {attempt.number} ({submission.command}) was answered {answer}, "
            f"which was never true from offset {attempt.floor} to {reading.end}"
        )
        return None

    def find(self, what: str) -> None:
        """Notes something wrong."""
        self.findings.append(what)

    def check_at_the_end(self) -> None:
        """Checks what only the whole log can tell."""
        asked = {each.cause: each for each in self.attempts}
        in_log: set[str] = set()
        for partition, reading in self.readings.items():
            last = reading.at(reading.end)
            for wrong in last.wrong:
                self.find(f"{wrong} of {partition.topic}")
            in_log |= self._check_asked(last, asked)
            lives = [each for each in last.boards.values() if isinstance(each, PlainLife)]
            submissions = {cause: each.submission for cause, each in asked.items()}
            self.findings += wrongly_decided(lives, submissions)
        refused_until: dict[str, int] = {}
        for each in reversed(self.attempts):
            if isinstance(each.outcome, Refused):
                refused_until.setdefault(each.submission.command_id, each.number)
        for each in self.attempts:
            if each.cause in in_log and isinstance(each.outcome, Unavailable | Refused):
                self.find(f"L1: attempt {each.number} was answered {each.outcome!r}, but it is in the log")
            if each.cause in in_log and each.number < refused_until.get(each.submission.command_id, -1):
                self.find(f"L1: a repeat of attempt {each.number} was refused, but the first try is in the log")
        self._check_repeats()

    def _check_asked(self, last: Moment, asked: dict[str, Attempt]) -> set[str]:
        causes: set[str] = set()
        for board in last.boards.values():
            for command_id, kept in board.commands.items():
                causes |= kept.causes
                for cause in kept.causes:
                    attempt = asked.get(cause)
                    if attempt is None or attempt.submission.command_id != command_id:
                        self.find(f"L2: nobody asked for what is in the log at offset {kept.offset}")
        return causes

    def _check_repeats(self) -> None:
        answers: dict[str, tuple[str, str]] = {}
        for each in self.attempts:
            if isinstance(each.outcome, Accepted) and "version" in each.outcome.result:
                answer = each.outcome.position, json.dumps(each.outcome.result)
                if answers.setdefault(each.submission.command_id, answer) != answer:
                    self.find(f"L1: attempt {each.number} was answered another way than an earlier one")
