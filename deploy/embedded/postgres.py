"""One PostgreSQL server as a child process, with the database `verbatim` in it."""

import asyncio
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.child import Child, Command, start_child
from deploy.embedded.other_user import give_to, require_reach, user_to_run_as
from deploy.embedded.ports import HOST, free_port
from deploy.embedded.postgres_data import SUPERUSER, forget_dead_postmaster, make_data, password_of, says_ready
from deploy.embedded.postgres_programs import PostgresPrograms, choose_programs, within_reach

START_SECONDS = 60.0
AFTER_CRASH_SECONDS = 10.0
STOP_SECONDS = 10.0
DATABASE = "verbatim"

# For a small machine; `jit` costs short queries more than it gives.
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A server on a folder: `start`, `stop`, `kill`, and again, always on the same port.

    `durable=False` is for tests: an acknowledged commit then survives a crash of Postgres, but not of the machine.
    """

    name = "Postgres"

    def __init__(
        self,
        folder: Path,
        *,
        log: Path | None = None,
        durable: bool = True,
        programs: PostgresPrograms | None = None,
        keeps_open: Sequence[int] = (),
    ) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = log or self.folder / "postgres.log"
        self.port = free_port()
        self._settings = {**SETTINGS, **({} if durable else NOT_DURABLE), "port": str(self.port)}
        self._durable = durable
        self._programs = programs
        self._keeps_open = keeps_open
        self._child: Child | None = None
        self._crashed_before = False

    @property
    def url(self) -> str:
        """How to connect to the database `verbatim`, as its superuser."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """How to connect to a database of this server."""
        return f"postgresql://{SUPERUSER}:{password_of(self.folder)}@{HOST}:{self.port}/{database}"

    @property
    def child(self) -> Child:
        """The process as it was last started."""
        if self._child is None:
            raise RuntimeError("Postgres has not been started")
        return self._child

    @property
    def pid(self) -> int:
        return self.child.pid

    def require_programs(self) -> PostgresPrograms:
        """The programs that it runs with. Raises CannotStartError if none is here that fits its data."""
        self._programs = self._programs or choose_programs(self.data)
        return self._programs

    async def start(self) -> None:
        """Returns when the database can be used. Raises CannotStartError if it cannot within a minute."""
        try:
            await self.spawn()
            await self._ready()
        except BaseException:
            if self._child is not None:
                self._child.kill()
            raise

    async def spawn(self) -> None:
        """Starts the process, on a folder that is prepared before if it is new."""
        chosen = self.require_programs()
        user = user_to_run_as()
        give_to(user, self.folder)
        require_reach(user, self.folder, "set VERBATIM_VAR to a folder that everybody may pass")
        programs = self._programs = within_reach(chosen, user, self.folder)
        require_reach(user, programs.folder / "postgres", "install PostgreSQL on the system")
        if not self.data.exists():
            await asyncio.to_thread(make_data, self.folder, programs, user, durable=self._durable)
        self._crashed_before = forget_dead_postmaster(self.data)
        settings = (word for name, value in self._settings.items() for word in ("-c", f"{name}={value}"))
        self._child = start_child(
            Command(
                "Postgres",
                [str(programs.folder / "postgres"), "-D", str(self.data), *settings],
                self.log,
                user=user,
                folder=self.folder,
                environment={"LC_ALL": "C"},
                on_parent_death=signal.SIGINT,
                keeps_open=self._keeps_open,
            )
        )

    async def stop(self) -> None:
        """Ends it in good order without waiting for its clients."""
        if self._child is not None:
            await self._child.stop((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS))

    def kill(self) -> None:
        """Ends it as a crash would."""
        self.child.kill()

    async def _ready(self) -> None:
        began = time.monotonic()
        while not (says_ready(self.data) and await _has_database(self.url_of("postgres"))):
            if not self.child.is_running:
                # After a crash the old server's processes may take a moment to notice; until then it refuses.
                if not self._crashed_before or time.monotonic() > began + AFTER_CRASH_SECONDS:
                    raise CannotStartError(
                        f"PostgreSQL ended while starting ({self.child.how_it_ended}; {self.child.last_words()}): "
                        f"see {self.log}"
                    )
                await asyncio.sleep(0.1)
                await self.spawn()
                self._crashed_before = True
            if time.monotonic() > began + START_SECONDS:
                raise CannotStartError(f"PostgreSQL did not answer within {START_SECONDS:.0f} s: see {self.log}")
            await asyncio.sleep(0.05)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def _has_database(maintenance_url: str) -> bool:
    """Whether the server takes connections; if so, it has the database afterwards."""
    try:
        connection = await asyncpg.connect(maintenance_url, timeout=2.0)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        return False
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()
    return True
