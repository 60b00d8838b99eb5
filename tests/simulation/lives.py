"""Streams of the real features, read once more: their own rules go through the log, one event after another.

Whether a rule is right is for its specs. What the rules make of a plain reading is what the writers must have known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from services.command.deciding import Refusal, Unchanged
from services.command.dispatching import Submission
from services.command.knowing import Row, RowPlace, StreamState, WorkingCopy, empty_state
from services.command.writing.decision_store import Codec
from services.command.writing.groups import Rules
from shared.events.domain_event import DomainEvent
from shared.identifiers import StreamId, UserId
from shared.log.records import DecodedEvent, decode_record
from tests.simulation.boards import Kept

ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""Nothing that is asked here depends on the time."""


@dataclass(frozen=True)
class KeptOfLife(Kept):
    """What the log says of a command of a feature; also what it led to, and what it met, at what time."""

    version: int
    actor: UserId
    events: tuple[DomainEvent, ...]
    decided_at: datetime
    met: "PlainLife" = field(compare=False, repr=False)


@dataclass(frozen=True)
class PlainLife:
    """A stream as of some offset. Nothing in it is ever changed, only replaced."""

    rules: Rules = field(compare=False, repr=False)
    codec: Codec = field(compare=False, repr=False)
    stream_id: StreamId
    state: StreamState
    rows: dict[RowPlace, Row] = field(default_factory=dict)
    commands: dict[str, KeptOfLife] = field(default_factory=dict)

    @classmethod
    def begun(cls, rules: Rules, codec: Codec, stream_id: StreamId) -> "PlainLife":
        """Without events. `codec`: as the store has it."""
        return cls(rules, codec, stream_id, empty_state(rules.deciders))

    @property
    def version(self) -> int:
        """How many events it has."""
        return self.state.version

    def answer(self, submission: Submission) -> tuple[str, Any]:
        """What is answered to whom meets this: `event`, `refusal` with it, or `unchanged` and its result."""
        kind, what = self.decision(submission, ANY_TIME)
        return (kind, None) if kind == "event" else (kind, what)

    def decision(self, submission: Submission, now: datetime) -> tuple[str, Any]:
        """What the rules decide now: `event` with all of them, `refusal` with it, or `unchanged` and its result."""
        view = self._copy().view(self.stream_id, submission.command_id, submission.actor)
        decision = self.rules.by_command[type(submission.command)].decide(submission.command, view, now)
        if isinstance(decision, Refusal):
            return "refusal", decision
        if isinstance(decision, Unchanged):
            return "unchanged", dict(decision.result)
        return ("event", tuple(decision)) if decision else ("unchanged", {})

    def _copy(self) -> WorkingCopy:
        """All that is known: what is not among the rows is known not to be there."""
        kinds = {kind.name for decider in self.rules.deciders for kind in decider.rows}
        whole: dict[tuple[StreamId, str], dict[str, Row]] = {(self.stream_id, kind): {} for kind in kinds}
        for (stream_id, kind, key), row in self.rows.items():
            whole[stream_id, kind][key] = row
        return WorkingCopy({self.stream_id: self.state}, dict(self.rows), whole)

    def after(self, offset: int, value: bytes, envelope: dict[str, Any]) -> "tuple[PlainLife, list[str]]":
        """The stream after one more record, and what is wrong with that."""
        decoded = decode_record(value)
        assert isinstance(decoded, DecodedEvent)
        recorded, wrong = decoded.recorded, list[str]()
        if recorded.version != self.version + 1:
            wrong.append(f"L3: version {recorded.version} at offset {offset}, where {self.version + 1} was due")
        known = self.commands.get(recorded.command_id) if recorded.index else None
        if recorded.command_id in self.commands and (known is None or known.offset != offset - 1):
            wrong.append(f"L1: the command {recorded.command_id} is in the log twice, the second time at {offset}")
        copy = self._copy()
        copy.apply([recorded], self.rules.deciders)
        kept = KeptOfLife(
            offset,
            {**(known.result if known else {}), **self.rules.result_of(recorded)},
            recorded.fingerprint,
            (known.causes if known else frozenset()) | {envelope["cause"]},
            recorded.version,
            recorded.actor,
            (*(known.events if known else ()), recorded.event),
            recorded.time,
            known.met if known else self,
        )
        commands = {**self.commands, recorded.command_id: kept}
        return replace(self, state=copy.streams[self.stream_id], rows=copy.rows, commands=commands), wrong


def wrongly_decided(lives: Sequence[PlainLife], asked: Mapping[str, Submission]) -> list[str]:
    """What is in the log and is not what the rules make of what was there before. `asked`: by causes."""
    wrong = []
    for life in lives:
        for command_id, kept in life.commands.items():
            submission = asked.get(next(iter(kept.causes)))
            if submission is None:
                continue  # nobody asked for it, which is told elsewhere
            decided = kept.met.decision(submission, kept.decided_at)
            if decided != ("event", kept.events):
                wrong.append(f"rules: {command_id} led to {kept.events}, where it should have come to {decided}")
    return wrong
