"""A consumer's connections: whether one was lost."""

from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.log.consuming import connections_of


class Connections:
    """The connections of a consumer to brokers, as they were when it was last asked for them."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._alive: frozenset[Any] = frozenset()

    def any_lost(self) -> bool:
        """Whether one was lost since this was last asked, even if it is there again: the log may have gone back."""
        known, self._alive = self._alive, frozenset(each for each in connections_of(self._consumer) if each.connected())
        return bool(known - self._alive)
