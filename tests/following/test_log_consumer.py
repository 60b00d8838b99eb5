"""A Kafka client may die of the cancellation of its own tasks: that is no end of whoever waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiokafka.structs import TopicPartition

from shared.identifiers import StreamKind
from shared.log.consuming import LogConsumer, LogUnreachableError
from shared.settings import Settings
from tests.fixtures.written_log import WrittenLog


@pytest.fixture
async def consumer(log: WrittenLog) -> AsyncIterator[LogConsumer]:
    """One that waits for records."""
    consumer = LogConsumer(log.settings.kafka_bootstrap_servers, "test", fetch_wait_ms=100, answer_seconds=10.0)
    await consumer.open()
    consumer.start_at({log.partition(StreamKind.USERS, "nobody"): 0})
    yield consumer
    await consumer.close()


async def _die() -> None:
    raise asyncio.CancelledError


async def test_a_client_that_dies_of_its_own_cancellation_is_unreachable_and_ends_nobody(
    consumer: LogConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer._consumer, "getmany", lambda **_: _die())

    with pytest.raises(LogUnreachableError, match="its own cancellation"):
        await consumer.records(100)


async def test_a_client_that_dies_while_it_is_thrown_away_leaves_no_connection_open(
    service_settings: Settings, consumer: LogConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await consumer.end_offsets([TopicPartition(service_settings.topic(StreamKind.USERS), 0)])
    connections = consumer.connections()
    with monkeypatch.context() as patched:
        patched.setattr(consumer._consumer._fetcher, "close", _die)
        await consumer.close()

    assert connections
    assert not [each for each in connections if each.connected()]
    with suppress(asyncio.CancelledError):  # the very thing, from a task that sleeps before it tries again
        await consumer._consumer._fetcher.close()


async def test_whoever_is_told_to_end_while_a_client_is_thrown_away_cuts_it_off(
    service_settings: Settings, consumer: LogConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await consumer.end_offsets([TopicPartition(service_settings.topic(StreamKind.USERS), 0)])
    connections, at_it, never = consumer.connections(), asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        at_it.set()
        await never.wait()

    with monkeypatch.context() as patched:
        patched.setattr(consumer._consumer._fetcher, "close", hang)
        closing = asyncio.create_task(consumer.close())
        await at_it.wait()
        closing.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(closing, 5.0)

    assert closing.cancelled()
    assert connections
    assert not [each for each in connections if each.connected()]
    with suppress(asyncio.CancelledError):  # as above
        await consumer._consumer._fetcher.close()


async def test_whoever_is_told_to_end_while_it_waits_ends(consumer: LogConsumer) -> None:
    waiting = asyncio.create_task(consumer.records(60_000))
    await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 5.0)

    assert waiting.cancelled()
