"""Makes the read tables anew beside the live ones, which go on meanwhile; then they can be compared and switched.

Whoever rebuilds follows the log into the schema `read_next` with the same code as the projector. Where that has come
to stands in the new schema itself, so it can be killed at any moment and goes on from there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic

import asyncpg
from aiokafka.structs import TopicPartition

from migrations.apply import migrate_schema, only_one
from services.projector import secondary_indexes
from services.projector.comparing import CannotCompareError, Compared, compare_tables, rows_about
from services.projector.following import Follower
from services.projector.progress import Progress
from services.projector.projection import Projection
from services.projector.read_model import open_following_pool
from services.projector.schemas import (
    SWITCH_SECONDS,
    CannotSwitchError,
    Schemas,
    check_shape,
    exchange,
    exists,
    keep_still,
    next_offsets,
    schemas_of,
)
from shared.settings import Settings

SAY_SECONDS = 0.2
BEGIN_SECONDS = 2.0  # who follows into tables that nobody else fills has begun by then
CONNECT_SECONDS = 10.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02
ALONE_SECONDS = 3  # as long as Postgres may take to notice that a rebuild was killed


@dataclass(frozen=True, slots=True)
class Filling:
    """How far the new tables are. `step` is what is being done; rate and time left are of this run.

    What is counted is records, or what `noun` says.
    """

    step: str
    records: int
    of: int
    records_per_second: float
    seconds_left: float | None
    trouble: str = ""
    noun: str = "record"


Say = Callable[[Filling], None]


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """What a rebuild works with."""

    settings: Settings
    projections: Sequence[Projection]

    @property
    def schemas(self) -> Schemas:
        """The schemas' names."""
        return schemas_of(self.settings)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Keeps others from rebuilding these tables meanwhile. Raises CannotSwitchError when somebody does already."""
        async with self._connected() as connection:
            await connection.execute(f"SET lock_timeout = '{ALONE_SECONDS}s'")
            try:
                await connection.execute(
                    "SELECT pg_advisory_lock(hashtextextended($1, 0))", f"fill {self.schemas.next}"
                )
            except asyncpg.LockNotAvailableError:
                raise CannotSwitchError("somebody else is rebuilding these tables: wait until that is done") from None
            yield

    async def fill(self, say: Say) -> None:
        """Fills `read_next` until it has everything that the log has, with every index. It resumes what was begun."""
        say(Filling("preparing", 0, 0, 0.0, None))
        await asyncio.to_thread(self._migrate)
        async with self._connected() as connection:
            filled = await connection.fetchval(f"SELECT filled_at FROM {self.schemas.next}.following")  # noqa: S608
            if filled is None:
                await secondary_indexes.put_aside(connection, self.schemas.next)
                await self._follow_to_the_end("filling", say, durable=False)
        say(Filling("making indexes", 0, 0, 0.0, None))
        await secondary_indexes.make(self._connected, self.schemas.next)
        await self._follow_to_the_end("catching up", say, durable=True)

    def _migrate(self) -> None:
        with only_one(self.settings.database_url):
            migrate_schema(self.settings.database_url, "read", self.schemas.next)

    async def _follow_to_the_end(self, step: str, say: Say, *, durable: bool) -> None:
        async with self._following(self.schemas.next, durable=durable) as follower:
            started, progress = monotonic(), follower.progress
            begun_at: int | None = None
            while not (follower.caught_up and progress.filled):
                if begun_at is None and progress.following:
                    begun_at = sum(progress.next_offsets.values())
                say(filling_of(step, progress, begun_at or 0, monotonic() - started))
                await progress.wait_for_change(SAY_SECONDS)
            say(filling_of(step, progress, begun_at or 0, monotonic() - started))

    @asynccontextmanager
    async def _following(
        self, schema: str, *, durable: bool = True, until: dict[TopicPartition, int] | None = None
    ) -> AsyncIterator[Follower]:
        pool = await open_following_pool(self.settings, schema, durable=durable)
        follower = Follower(self.settings, pool, self.projections, until=until)
        running = asyncio.create_task(follower.run())
        try:
            yield follower
        finally:
            running.cancel()
            await asyncio.wait([running])
            with suppress(Exception):  # if Postgres is away, the place becomes free by itself
                await asyncio.wait_for(follower.stop(), STOP_SECONDS)
            await asyncio.wait_for(pool.close(), STOP_SECONDS)

    async def compare(self, say: Say = lambda _: None) -> list[Compared]:
        """Compares `read_next` with the live tables row by row, both at the same offsets; says how far it is.

        The projector waits only while `read_next` comes to these offsets, not while rows are compared.
        Raises CannotCompareError, or CannotSwitchError when the two do not come to the same offsets.
        """
        async with self._connected() as snapshot:
            async with self._connected() as keeping, keeping.transaction():
                await self._catch_up_with_live(keeping, self.schemas.next, exactly=True)
                await snapshot.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                await snapshot.fetchval(f"SELECT count(*) FROM {self.schemas.live}.checkpoints")  # noqa: S608
            return await self._compared(snapshot, say)

    async def _compared(self, snapshot: asyncpg.Connection, say: Say) -> list[Compared]:
        about = await rows_about(snapshot, self.projections, self.schemas.live)
        compared: list[Compared] = []
        started = monotonic()
        say(comparing_of(0, about, 0))
        async for each in compare_tables(snapshot, self.projections, self.schemas.live, self.schemas.next):
            compared.append(each)
            say(comparing_of(sum(table.rows for table in compared), about, monotonic() - started))
        rows = sum(table.rows for table in compared)
        say(comparing_of(rows, rows, monotonic() - started))
        return compared

    async def switch(self, *, although_behind: bool = False) -> None:
        """Makes `read_next` the live schema; the one that was live is kept. Raises CannotSwitchError."""
        await self._exchange(self.schemas.next, although_behind=although_behind)

    async def roll_back(self, *, although_behind: bool = False) -> None:
        """Makes the schema that was live before the last switch the live one again, once it has caught up.

        Raises CannotSwitchError, also for a schema that another version made.
        """
        async with self._connected() as connection:
            if not await exists(connection, self.schemas.previous):
                raise CannotSwitchError(
                    f"there is no schema {self.schemas.previous}: there was no switch to go back from"
                )
            await check_shape(connection, self.schemas.live, self.schemas.previous)
        await self._exchange(self.schemas.previous, although_behind=although_behind)

    async def _exchange(self, becoming: str, *, although_behind: bool) -> None:
        async with self._connected() as connection, connection.transaction():
            if not await exists(connection, becoming):
                raise CannotSwitchError(f"there is no schema {becoming}: `verbatim projections rebuild` makes one")
            if not although_behind:
                await self._catch_up_with_live(connection, becoming, exactly=False)
            await keep_still(connection, self.schemas.live)
            await keep_still(connection, becoming)
            await exchange(connection, self.schemas, becoming, although_behind=although_behind)

    async def _catch_up_with_live(self, keeping: asyncpg.Connection, schema: str, *, exactly: bool) -> None:
        """Keeps the live tables still in the transaction of `keeping`, and brings the other schema to them."""
        if not await exists(keeping, schema):
            raise CannotSwitchError(
                f"there is no schema {schema}: `verbatim projections rebuild --no-switch` makes one"
            )
        await self._come_close(schema)
        if exactly:
            await self._wait_for_live(keeping, schema)
        await keep_still(keeping, self.schemas.live)
        live = await next_offsets(keeping, self.schemas.live)
        until = {TopicPartition(*place): offset for place, offset in live.items()}
        async with self._following(schema, until=until) as follower:
            await _within_limit(lambda: follower.reaches(until), schema)

    async def _come_close(self, schema: str) -> None:
        async with self._following(schema) as follower:
            await _within_limit(lambda: follower.caught_up, schema)

    async def _wait_for_live(self, connection: asyncpg.Connection, schema: str) -> None:
        here = await next_offsets(connection, schema)
        until = monotonic() + SWITCH_SECONDS
        while True:
            live = await next_offsets(connection, self.schemas.live)
            if all(live.get(place, 0) >= offset for place, offset in here.items()):
                return
            if monotonic() > until:
                raise CannotCompareError("the live tables stand still while the log goes on: is the projector running?")
            await asyncio.sleep(POLL_SECONDS)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.settings.database_url, timeout=CONNECT_SECONDS)
        try:
            yield connection
        finally:
            await connection.close()


async def _within_limit(holds: Callable[[], bool], schema: str) -> None:
    until = monotonic() + SWITCH_SECONDS
    while not holds():
        if monotonic() > until:
            raise CannotSwitchError(
                f"{schema} did not catch up within {SWITCH_SECONDS:.0f} s: run `verbatim projections rebuild` again"
            )
        await asyncio.sleep(POLL_SECONDS)


def filling_of(step: str, progress: Progress, begun_at: int, seconds: float) -> Filling:
    """How far it is after so many seconds of this run, which began when so many records were there."""
    done, total = sum(progress.next_offsets.values()), sum(progress.log_ends.values())
    rate = max(0, done - begun_at) / seconds if seconds > 0 else 0.0
    left = (total - done) / rate if rate > 0 else None
    waits = not progress.following and seconds > BEGIN_SECONDS
    trouble = progress.trouble or ("waiting until nobody else rebuilds" if waits else "")
    return Filling(step, done, total, rate, left, trouble)


def comparing_of(rows: int, about: int, seconds: float) -> Filling:
    """How far a comparison is after so many seconds, of about so many rows: where there are more, it is not over."""
    of = about if rows <= about else rows + 1
    rate = rows / seconds if seconds > 0 else 0.0
    return Filling("comparing", rows, of, rate, (of - rows) / rate if rate > 0 else None, noun="row")
