"""How a caller reads their own writes: a question waits until the positions they bring have been projected."""

import asyncio
from collections.abc import Mapping
from time import monotonic

from aiohttp import web
from aiokafka.structs import TopicPartition

from services.projector.checkpoints import checkpoints_of
from services.projector.progress import Progress
from services.projector.projection import Connection
from services.projector.questioning import ReadModel
from shared.log.positions import BadPositionError, parse_positions
from shared.settings import Settings
from shared.web.problems import MalformedRequest, NotYet

HEADER, PARAMETER = "Min-Position", "min_position"
POSITIONS_LIMIT = 100
ASK_SECONDS = 0.02


class MinimumPositions:
    """Waits for positions, at most as long as the setting says."""

    def __init__(self, settings: Settings, progress: Progress, read_model: ReadModel) -> None:
        self._settings = settings
        self._progress = progress
        self._read_model = read_model

    async def wait(self, request: web.Request) -> None:
        """Returns when what the request wants to see is there; at once if it names no position.

        Raises MalformedRequest for what is no position, NotYet when it is parked or the time is over, Unavailable when
        Postgres is away.
        """
        wanted = self._wanted(request)
        if not wanted:
            return
        until = monotonic() + self._settings.min_position_wait_seconds
        while not self._progress.reaches(wanted):
            left = until - monotonic()
            if left <= 0:
                raise self._not_yet(wanted)
            await self._wait_a_little(left, wanted)
        if self._progress.parked_records or not self._progress.following:
            await self._check_parked(wanted)

    def _wanted(self, request: web.Request) -> dict[TopicPartition, int]:
        texts = [*request.headers.getall(HEADER, []), *request.query.getall(PARAMETER, [])]
        try:
            positions = [each for text in texts for each in parse_positions(text)]
        except BadPositionError as error:
            raise MalformedRequest(str(error)) from None
        if len(positions) > POSITIONS_LIMIT or any(each.partition >= self._settings.partitions for each in positions):
            raise MalformedRequest("there are too many positions, or one of another system")
        wanted: dict[TopicPartition, int] = {}
        for each in positions:
            partition = TopicPartition(self._settings.topic(each.kind), each.partition)
            wanted[partition] = max(each.offset, wanted.get(partition, -1))
        return wanted

    async def _wait_a_little(self, left: float, wanted: Mapping[TopicPartition, int]) -> None:
        if self._progress.following:
            await self._progress.wait_for_change(left)
            return
        async with self._read_model.connection() as connection:  # another process follows: ask the tables
            checkpoints = await checkpoints_of(connection, self._progress.next_offsets or wanted)
        if not self._progress.following:
            self._progress.stands_at(checkpoints)
        await asyncio.sleep(min(ASK_SECONDS, left))

    def _not_yet(self, wanted: Mapping[TopicPartition, int]) -> NotYet:
        known = self._progress.next_offsets
        behind = sum(max(0, offset + 1 - known.get(partition, 0)) for partition, offset in wanted.items())
        state = "pending" if self._progress.filled or not self._progress.following else "rebuilding"
        return NotYet(
            f"records that are still to come before it: {behind}. Ask again",
            state=state,
            records_behind=behind,
            headers={"Retry-After": "1"},
        )

    async def _check_parked(self, wanted: Mapping[TopicPartition, int]) -> None:
        async with self._read_model.connection() as connection:
            parked = await _is_parked(connection, wanted)
        if parked:
            raise NotYet("it could not be projected and waits for an operator", state="parked", records_behind=0)


async def _is_parked(connection: Connection, wanted: Mapping[TopicPartition, int]) -> bool:
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS wanted (topic, partition, record_offset)
                JOIN parked_records USING (topic, partition, record_offset)
            )
            """,
            [each.topic for each in wanted],
            [each.partition for each in wanted],
            list(wanted.values()),
        )
    )
