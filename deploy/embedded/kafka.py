"""One Kafka broker, its own controller, as a child process."""

import asyncio
import base64
import contextlib
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.child import Child, Command, start_child
from deploy.embedded.java import java_options, java_version
from deploy.embedded.kafka_jars import kafka_jars
from deploy.embedded.ports import HOST, free_port

START_SECONDS = 60.0
STOP_SECONDS = 15.0
PROBE_SECONDS = 3.0
HERE = Path(__file__).parent

# Small and quick. Controlled shutdown stays on although there is nobody to hand over to: without it the next start
# takes this one for still alive until its session ends. The session is short for the same reason, after a crash.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{advertised_port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
log.retention.ms=-1
log.retention.bytes=-1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=2097152
num.network.threads=2
num.io.threads=2
metadata.max.idle.interval.ms=5000
controlled.shutdown.enable=true
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


class EmbeddedKafka:
    """A broker on a folder: `start`, `stop`, `kill`, and again, always on the same port.

    `advertised_port` is where clients are told to find it: its own, unless something stands between.
    """

    name = "Kafka"

    def __init__(
        self,
        folder: Path,
        *,
        log: Path | None = None,
        advertised_port: int | None = None,
        keeps_open: Sequence[int] = (),
        say: Callable[[str], None] = print,
    ) -> None:
        self.folder = folder.absolute()
        self.log = log or self.folder / "kafka.log"
        self.port = free_port()
        self._advertised_port = advertised_port or self.port
        self._controller_port = free_port()
        self._keeps_open = keeps_open
        self._say = say
        self._child: Child | None = None

    @property
    def bootstrap_servers(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def child(self) -> Child:
        """The process as it was last started."""
        if self._child is None:
            raise RuntimeError("Kafka has not been started")
        return self._child

    @property
    def pid(self) -> int:
        return self.child.pid

    async def start(self) -> None:
        """Returns when the broker answers. Raises CannotStartError if it does not within a minute, or ends."""
        try:
            await self.spawn()
            await self._ready()
        except BaseException:
            if self._child is not None:
                self._child.kill()
            raise

    async def spawn(self) -> None:
        """Starts the process, on a folder that is prepared before if it is new."""
        options = java_options(java_version())
        jars = await kafka_jars(self._say)
        java = ["java", *options, f"-Dlog4j2.configurationFile={HERE / 'log4j2.xml'}", "-cp", f"{jars}/*"]
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self._write_properties()
        if not (self.folder / "data" / "meta.properties").exists():
            await asyncio.to_thread(_format, java, properties)
        words = [*java, "kafka.Kafka", str(properties)]
        self._child = start_child(
            Command("Kafka", words, self.log, on_parent_death=signal.SIGTERM, keeps_open=self._keeps_open)
        )

    async def stop(self) -> None:
        """Ends it in good order, so that the next start has nothing to recover."""
        if self._child is not None:
            await self._child.stop((signal.SIGTERM, STOP_SECONDS))

    def kill(self) -> None:
        """Ends it as a crash would."""
        self.child.kill()

    async def _ready(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not await _answers(self.bootstrap_servers):
            if not self.child.is_running:
                raise CannotStartError(
                    f"Kafka ended while starting ({self.child.how_it_ended}; {self.child.last_words()}): see {self.log}"
                )
            if time.monotonic() > until:
                raise CannotStartError(f"Kafka did not answer within {START_SECONDS:.0f} s: see {self.log}")
            await asyncio.sleep(0.05)

    def _write_properties(self) -> Path:
        properties = self.folder / "server.properties"
        text = PROPERTIES.format(
            host=HOST,
            port=self.port,
            advertised_port=self._advertised_port,
            controller_port=self._controller_port,
            data=self.folder / "data",
        )
        properties.write_text(text)
        return properties

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _format(java: list[str], properties: Path) -> None:
    command = [*java, "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", _new_cluster_id()]
    ran = subprocess.run([*command, "-c", str(properties)], capture_output=True, text=True, check=False)
    if ran.returncode:
        reason = (ran.stderr or ran.stdout).strip().split("\n")[-1]
        raise CannotStartError(
            f"Kafka could not prepare {properties.parent} ({reason}): is there room, may we write there?"
        )


def _new_cluster_id() -> str:
    # Kafka's own form of a uuid. One that begins with a dash would be read as an option.
    name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return _new_cluster_id() if name.startswith("-") else name


async def _answers(bootstrap_servers: str) -> bool:
    """Whether the cluster names a broker that can be used. An open port alone says nothing."""
    host, port = bootstrap_servers.split(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=int(PROBE_SECONDS * 1000))
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await admin.start()
            return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, TimeoutError, OSError):
        return False
    finally:
        with contextlib.suppress(KafkaError, TimeoutError, OSError):
            async with asyncio.timeout(PROBE_SECONDS):
                await admin.close()
