"""Whatever people, clocks and jobs do: a status is cleared once, never early, never over a newer one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given as whatever
from hypothesis import strategies as st

from services.command.deciding import Command, Refusal, Unchanged
from services.command.features.statuses.decider import (
    STATUSES,
    ClearExpiredStatus,
    ClearStatus,
    SetDnd,
    SetStatus,
    Status,
    in_effect,
)
from shared.events.statuses import StatusCleared, StatusSet
from shared.identifiers import VERBATIM_ITSELF, CommandId, JobId, StreamId
from tests.specs.deciding import Scene
from tests.statuses.examples import ANNA, MONDAY_NOON, given

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "set-lasting", "dnd-on", "dnd-off", "clear", "expire"]),
        st.integers(-2, 3),  # how many milliseconds the writer's clock moves before it
        st.integers(0, 4),  # how long the status lasts, or which of the last jobs is due
    ),
    max_size=25,
)


@dataclass
class Life:
    """One person's stream, and the clock of its writer."""

    scene: Scene = field(default_factory=given)
    now: datetime = MONDAY_NOON
    jobs: list[JobId] = field(default_factory=list)
    recorded_at: list[datetime] = field(default_factory=list)

    def live(self, step: Step) -> None:
        """One thing is asked; what follows is recorded at the clock's present time."""
        what, move, number = step
        self.now += timedelta(milliseconds=move)
        by = VERBATIM_ITSELF if what == "expire" else ANNA
        decision = self.scene.decide(self.command(what, number), by, CommandId(f"c{len(self.recorded_at)}"), self.now)
        if not isinstance(decision, Refusal | Unchanged) and decision:
            self.scene.happened(by, *decision)
            self.recorded_at += [self.now] * len(decision)
            self.jobs += [each.job_id for each in decision if isinstance(each, StatusSet) and each.job_id]

    def command(self, what: str, number: int) -> Command:
        """What is asked."""
        match what:
            case "set" | "set-lasting":
                end = None if what == "set-lasting" else self.now + timedelta(milliseconds=number + 1)
                return SetStatus(ANNA, None, f"text {number}", False, end, self.now)
            case "dnd-on" | "dnd-off":
                return SetDnd(ANNA, what == "dnd-on")
            case "clear":
                return ClearStatus(ANNA)
            case _:
                job = self.jobs[-1 - number] if number < len(self.jobs) else JobId(f"status-{ANNA}-0")
                return ClearExpiredStatus(ANNA, job)

    def status(self) -> Status:
        """The live state."""
        return self.scene.copy.view(StreamId(ANNA), CommandId(""), ANNA).part(STATUSES)


def lived(steps: list[Step]) -> Life:
    life = Life()
    for step in steps:
        life.live(step)
    return life


@whatever(STEPS)
def test_a_status_is_cleared_once_never_early_and_never_over_a_newer_one(steps: list[Step]) -> None:
    life = lived(steps)
    shown: StatusSet | None = None
    for recorded, at in zip(life.scene.events, life.recorded_at, strict=True):
        event = recorded.event
        if isinstance(event, StatusSet):
            shown = event
        elif isinstance(event, StatusCleared):
            if event.reason == "expired":
                assert shown is not None
                assert (event.job_id, event.due_at) == (shown.job_id, shown.expires_at)
                assert event.due_at is not None
                assert event.due_at <= at
            shown = None


@whatever(STEPS)
def test_no_two_statuses_have_one_job(steps: list[Step]) -> None:
    jobs = lived(steps).jobs
    assert len(set(jobs)) == len(jobs)


@whatever(STEPS)
def test_every_job_that_is_due_leaves_nothing_past_its_time(steps: list[Step]) -> None:
    life = lived(steps)
    life.now += timedelta(seconds=1)
    for number in range(len(life.jobs)):
        life.live(("expire", 0, number))
    shown = life.status().shown
    assert in_effect(shown, life.now) == shown
