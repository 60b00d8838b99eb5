"""A process that stands by follows a part of the log, and can clear nothing: the writers are in another process."""

# ruff: noqa: ARG002 - the doors take what they take

from collections.abc import Collection
from dataclasses import replace

from aiokafka.structs import TopicPartition

from services.command.deciding import Command, Result, Stream
from services.command.dispatching import Accepted, Doors, Submission
from services.command.expiration.expiring import Expiration
from shared.identifiers import CommandId, StreamKind, UserId
from shared.log.topics import partitions_of
from shared.web.problems import Unavailable
from tests.expiration.town import Town, people
from tests.fixtures.names import eventually
from tests.statuses.examples import HOUR


class ElsewhereServed:
    """The doors of a process that has no writer: all that it can say is that it cannot."""

    async def dispatch(self, submission: Submission) -> Accepted:
        raise Unavailable

    async def ask(self, question: Command, deadline: float | None = None) -> Result:
        raise Unavailable

    async def look_up(
        self, stream: Stream, command_id: CommandId, actor: UserId, deadline: float | None = None
    ) -> Accepted:
        raise Unavailable


async def test_whoever_has_the_writers_clears_what_a_standby_follows(town: Town) -> None:
    everything = frozenset(partitions_of(town.settings, StreamKind.USERS))
    writer = await started(town, "writer", town.doors, everything)
    standby = await started(town, "standby", ElsewhereServed(), frozenset())
    await eventually(lambda: len(writer.follower.partitions) == len(standby.follower.partitions) == 1)
    users = people(12)
    for each in users:
        await town.sets_status(each)
    await eventually(town.followed_to_the_end)

    town.clock.pass_by(HOUR)
    standby.clearing.wake()

    await eventually(lambda: all(len(town.happened_to(each)) == 2 for each in users))
    assert [each["attempts"] for each in await town.jobs()] == [0] * 12


async def started(town: Town, name: str, doors: Doors, serves: Collection[TopicPartition]) -> Expiration:
    """An expiration whose process has writers for these partitions."""
    settings = replace(town.settings, instance_name=name)
    made = Expiration(settings, town.pool, doors, town.clock, lambda: serves)
    await made.start()
    town.running.append(made)
    return made
