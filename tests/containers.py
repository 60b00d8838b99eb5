"""The servers of the tests in Docker instead, with VERBATIM_TEST_CONTAINERS=1; the images by setting."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

KAFKA_IMAGE = os.environ.get("VERBATIM_TEST_KAFKA_IMAGE", "apache/kafka:4.3.1")
POSTGRES_IMAGE = os.environ.get("VERBATIM_TEST_POSTGRES_IMAGE", "postgres:17")
KAFKA_PORT = 9092


@contextmanager
def kafka_container() -> Iterator[str]:
    """A Kafka in a container; gives its bootstrap servers."""
    _without_ryuk()
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - slow, and only here needed
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415 - likewise

    from deploy.embedded.ports import HOST, free_port  # noqa: PLC0415 - likewise

    port = free_port()
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(KAFKA_PORT, port)
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{KAFKA_PORT},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{HOST}:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "1",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    }
    for name, value in settings.items():
        container = container.with_env(name, value)
    with container.waiting_for(LogMessageWaitStrategy("Kafka Server started")):
        yield f"{HOST}:{port}"


@contextmanager
def postgres_container() -> Iterator[str]:
    """A Postgres in a container; gives the URL of its database."""
    _without_ryuk()
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - slow, and only here needed

    with PostgresContainer(POSTGRES_IMAGE, username="verbatim", password="verbatim", dbname="verbatim") as container:
        yield container.get_connection_url(driver=None)


def _without_ryuk() -> None:
    # The container that would remove ours after a crash needs the Docker socket and an image of its own.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
