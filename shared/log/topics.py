"""The topics of the log: made by us, kept for ever, with a number of partitions that never changes. And the one of
presence beside them, which keeps the last of each user."""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code
from aiokafka.partitioner import murmur2
from aiokafka.structs import TopicPartition

from shared.identifiers import StreamKind
from shared.log.presence import presence_partition
from shared.settings import Settings

MAX_MESSAGE_BYTES = 4_194_304
HOUR_MS = 3_600_000
ADMIN_TIMEOUT_MS = 15_000
REMEMBERED_KEYS = 65_536
NEW_TOPIC_LOOKS = 100
NEW_TOPIC_PAUSE_SECONDS = 0.05


class UnusableTopicError(RuntimeError):
    """A topic is there, but not as the log needs it; the message says what to do."""


@lru_cache(maxsize=REMEMBERED_KEYS)
def partition_of(key: str, partitions: int) -> int:
    """The partition of a stream, as Java's client has it: murmur2 of the key, made positive, modulo their number."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


def partitions_of(settings: Settings, kind: StreamKind) -> list[TopicPartition]:
    """All partitions of the topic of one kind of stream."""
    return [TopicPartition(settings.topic(kind), number) for number in range(settings.partitions)]


def topic_configuration(settings: Settings) -> dict[str, str]:
    """What every topic of the log is configured with when it is made."""
    wanted = {
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "cleanup.policy": "delete",
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
        "message.timestamp.type": "LogAppendTime",
    }
    if settings.replication_factor == 1 and settings.kafka_flush_each_append:
        wanted["flush.messages"] = "1"
    return wanted | _replication(settings)


def presence_configuration(settings: Settings) -> dict[str, str]:
    """What the topic of presence is configured with when it is made.

    Nothing is compacted away that is not an hour old: whoever follows, and is not further behind, misses no record.
    What was written of somebody before their last record is gone a day later; that they are forgotten stays to be read
    for a week.
    """
    wanted = {
        "cleanup.policy": "compact",
        "min.compaction.lag.ms": str(HOUR_MS),
        "max.compaction.lag.ms": str(24 * HOUR_MS),
        "delete.retention.ms": str(7 * 24 * HOUR_MS),
        "message.timestamp.type": "LogAppendTime",
    }
    return wanted | _replication(settings)


def _replication(settings: Settings) -> dict[str, str]:
    factor = settings.replication_factor
    return {"min.insync.replicas": str(factor - 1)} if factor > 1 else {}


async def ensure_topics(settings: Settings) -> None:
    """Makes the topics that are not there, and checks those that are.

    Raises UnusableTopicError for another number of partitions, or for a retention that would lose records.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers, request_timeout_ms=ADMIN_TIMEOUT_MS)
    await admin.start()
    try:
        for topic in _wanted(settings):
            await _make(admin, topic)
        for kind in StreamKind:
            await _check(admin, settings, settings.topic(kind))
        await _check_presence(admin, presence_partition(settings).topic)
    finally:
        await admin.close()


async def check_topics(settings: Settings) -> None:
    """Checks the topics without making any. Raises UnusableTopicError, also for one that is not there."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers, request_timeout_ms=ADMIN_TIMEOUT_MS)
    await admin.start()
    try:
        known = await admin.list_topics()
        for topic in _wanted(settings):
            if topic.name not in known:
                raise UnusableTopicError(f"the topic {topic.name} is not there: run verbatim topics")
        for kind in StreamKind:
            await _check(admin, settings, settings.topic(kind))
        await _check_presence(admin, presence_partition(settings).topic)
    finally:
        await admin.close()


def _wanted(settings: Settings) -> list[NewTopic]:
    """Every topic there is to be."""
    log, replicas = topic_configuration(settings), settings.replication_factor
    presence = presence_partition(settings).topic
    return [
        *(NewTopic(settings.topic(kind), settings.partitions, replicas, topic_configs=log) for kind in StreamKind),
        NewTopic(presence, 1, replicas, topic_configs=presence_configuration(settings)),
    ]


async def _make(admin: AIOKafkaAdminClient, new: NewTopic) -> None:
    if new.name in await admin.list_topics():
        return
    answer = await admin.create_topics([new])
    for _, code, *more in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            msg = f"the topic {new.name} could not be made: {error.__name__} {more}"
            raise UnusableTopicError(msg)


async def _check(admin: AIOKafkaAdminClient, settings: Settings, topic: str) -> None:
    found = await _number_of_partitions(admin, topic)
    if found != settings.partitions:
        msg = (
            f"the topic {topic} has another number of partitions than PARTITIONS says ({found}, and not "
            f"{settings.partitions}): streams would change theirs. "
            f"Set PARTITIONS={found}, or name other topics with TOPIC_PREFIX"
        )
        raise UnusableTopicError(msg)
    configuration = await _configuration(admin, topic)
    for name, wanted in (("retention.ms", "-1"), ("retention.bytes", "-1"), ("cleanup.policy", "delete")):
        if configuration.get(name) != wanted:
            msg = (
                f"the topic {topic} has {name}={configuration.get(name)} and would lose records: "
                f"set it to {wanted} with kafka-configs --alter, then start again"
            )
            raise UnusableTopicError(msg)


async def _check_presence(admin: AIOKafkaAdminClient, topic: str) -> None:
    await _number_of_partitions(admin, topic)
    policy = (await _configuration(admin, topic)).get("cleanup.policy")
    if policy != "compact":
        msg = (
            f"the topic {topic} has cleanup.policy={policy} and would forget users, or keep all that was said of them: "
            "set it to compact with kafka-configs --alter, then start again"
        )
        raise UnusableTopicError(msg)


async def _number_of_partitions(admin: AIOKafkaAdminClient, topic: str) -> int:
    """Waits a moment for a topic that is so new that the broker does not tell its partitions yet."""
    for _ in range(NEW_TOPIC_LOOKS):
        described = await admin.describe_topics([topic])
        if described[0]["partitions"]:
            break
        await asyncio.sleep(NEW_TOPIC_PAUSE_SECONDS)
    return len(described[0]["partitions"])


async def _configuration(admin: AIOKafkaAdminClient, topic: str) -> Mapping[str, Any]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for answer in answers for resource in answer.resources for entry in resource[4]}
