"""The writers of this process: which partitions they serve, and the doors to them."""

from collections.abc import Sequence

import asyncpg
from aiokafka.structs import TopicPartition

from services.command.deciding import Command, Decider, Result, Stream
from services.command.dispatching import Accepted, Submission
from shared.identifiers import CommandId, StreamKind, UserId
from shared.log.topics import partitions_of
from shared.settings import Settings
from shared.web.problems import Unavailable


class Writers:
    """Serves the partitions whose leases this process gets. `start` returns soon; serving comes by and by."""

    def __init__(
        self, settings: Settings, pool: asyncpg.Pool[asyncpg.Record], deciders: Sequence[Decider]
    ) -> None:
        self.wanted = tuple(each for kind in StreamKind for each in partitions_of(settings, kind))
        self.trouble: dict[str, str] = {}
        self.kafka_connected = False
        self.store_connected = False

    @property
    def serving(self) -> frozenset[TopicPartition]:
        """The partitions that are served here now."""
        return frozenset()

    async def start(self) -> None:
        """Checks the topics and starts what serves. Raises UnusableTopicError."""

    async def stop(self) -> None:
        """Refuses what is new, finishes what is open, flushes, and gives the leases up."""

    async def dispatch(self, submission: Submission) -> Accepted:
        """Has a command decided and recorded. Raises Refused, Unavailable or OutcomeUnknown."""
        raise Unavailable("no partition is served yet")

    async def ask(self, question: Command) -> Result:
        """Has a stream's writer answer a question. Raises Refused or Unavailable."""
        raise Unavailable("no partition is served yet")

    async def look_up(self, stream: Stream, command_id: CommandId, actor: UserId) -> Accepted:
        """What became of a command, told to its owner. Raises Refused(NothingRecorded), Unavailable or OutcomeUnknown."""
        raise Unavailable("no partition is served yet")
