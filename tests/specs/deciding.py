"""The language of decider specs: given what happened, when this is asked, then that follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.command.deciding import AllRows, Command, Decider, Decision, Refusal, RowKey, Unchanged
from services.command.knowing import ABSENT, WorkingCopy, empty_state
from shared.events.domain_event import DomainEvent, Recorded
from shared.identifiers import CommandId, StreamId, UserId, derived_id

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Scene:
    """One stream and what happened in it so far."""

    stream_id: StreamId
    deciders: tuple[Decider, ...]
    copy: WorkingCopy = field(default_factory=WorkingCopy)
    events: list[Recorded] = field(default_factory=list)
    commands: int = 0
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.copy.streams[self.stream_id] = empty_state(self.deciders)

    def happened(self, actor: str, *events: DomainEvent, command_id: str | None = None) -> "Scene":
        """One command's events are in the stream, asked for by this actor. Each command is a second after the last."""
        self.commands += 1
        self.now += timedelta(seconds=1)
        command = CommandId(command_id or derived_id("spec", str(self.commands)))
        recorded = [
            Recorded(
                self.stream_id, len(self.events) + 1 + i, self.now, UserId(actor), command, i, "spec-finger", event
            )
            for i, event in enumerate(events)
        ]
        self.fetch_touched(recorded)
        self.copy.apply(recorded, self.deciders)
        self.events += recorded
        return self

    def when(
        self, command: Command, *, by: str, command_id: str | None = None, at: datetime | None = None
    ) -> "Outcome":
        """This is asked. The outcome says what follows; the scene goes on with it."""
        chosen = CommandId(command_id or derived_id("spec", str(self.commands + 1)))
        decision = self.decide(command, UserId(by), chosen, at or self.now + timedelta(seconds=1))
        before = self.copy.streams[self.stream_id]
        if not isinstance(decision, Refusal | Unchanged):
            self.happened(by, *decision, command_id=chosen)
        return Outcome(self, decision, before.parts)

    def decide(self, command: Command, actor: UserId, command_id: CommandId, now: datetime) -> Decision:
        """What the rule for this command decides, all it needs having been fetched."""
        rule = next(rule for each in self.deciders for rule in each.rules if rule.command is type(command))
        view = self.copy.view(self.stream_id, command_id, actor)
        for need in self.copy.missing(rule.needs(command, view), self.stream_id):
            self.fetch(need)
        return rule.decide(command, view, now)

    def fetch(self, need: RowKey | AllRows) -> None:
        """What there is of a need: rows that no event made are absent."""
        if isinstance(need, RowKey):
            self.copy.rows.setdefault((self.stream_id, need.kind.name, need.key), ABSENT)
            return
        self.copy.whole[self.stream_id, need.kind.name] = {
            key: row for (_, name, key), row in self.copy.rows.items() if name == need.kind.name
        }

    def fetch_touched(self, recorded: Sequence[Recorded]) -> None:
        """Everything that these events touch."""
        for each in self.deciders:
            for kind in each.rows:
                for event in recorded:
                    for key in kind.touched(event):
                        self.fetch(RowKey(kind, key))


@dataclass(frozen=True)
class Outcome:
    """What followed."""

    scene: Scene
    decision: Decision
    before: Any

    def then(self, *events: DomainEvent) -> Scene:
        """Exactly these events follow."""
        assert not isinstance(self.decision, Refusal | Unchanged), f"nothing followed but {self.decision}"
        assert list(self.decision) == list(events)
        return self.scene

    def then_nothing_happens(self, **result: Any) -> Scene:
        """No event follows, and it is no refusal. The result has these values, where any are named."""
        assert isinstance(self.decision, Unchanged) or list(self.decision_events()) == []
        if result:
            assert isinstance(self.decision, Unchanged)
            assert {name: self.decision.result.get(name) for name in result} == result
        return self.scene

    def then_refused(self, refusal: type[Refusal]) -> Scene:
        """It is refused for this reason."""
        assert isinstance(self.decision, refusal), f"it was not refused as {refusal.__name__}: {self.decision}"
        return self.scene

    def decision_events(self) -> Sequence[DomainEvent]:
        """The events that follow."""
        assert not isinstance(self.decision, Refusal | Unchanged), f"no events, but {self.decision}"
        return self.decision
