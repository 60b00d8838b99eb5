"""Whether a connection to Kafka was lost, even one that is there again: the log may have gone back meanwhile."""

from typing import Any

from aiokafka import AIOKafkaConsumer


class Connections:
    """The connections of a consumer to brokers, as they were when it was last asked for them."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._alive: frozenset[Any] = frozenset()

    def any_lost(self) -> bool:
        """Whether one was lost since this was last asked."""
        known, self._alive = self._alive, frozenset(each for each in self._all() if each.connected())
        return bool(known - self._alive)

    def _all(self) -> list[Any]:
        # aiokafka offers no public way to see that one was lost.
        return [each for name, each in self._consumer._client._conns.items() if _is_broker(name)]  # noqa: SLF001


def _is_broker(name: tuple[Any, Any]) -> bool:
    return not str(name[0]).startswith("bootstrap")
