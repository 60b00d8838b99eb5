"""What the tests break on purpose between a writer and the broker: replies that get lost, appends that are held up."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace as with_other
from typing import Any

from aiokafka.structs import TopicPartition

from services.command.writing.appending import Outcome, ProducerIdentity, Unknown
from services.command.writing.serving import Writers
from shared.identifiers import StreamKind
from shared.log.topics import partition_of


class HeldAppends:
    """Holds up every append of these writers until `let_go`."""

    def __init__(self, writers: Writers) -> None:
        self.waiting = asyncio.Event()
        self._go = asyncio.Event()
        self._append = writers._appender.append
        self._writers = writers
        writers._appender.append = self._held  # type: ignore[method-assign]

    async def _held(self, node: int, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, Outcome]:
        self.waiting.set()
        await self._go.wait()
        return await self._append(node, batches)

    def let_go(self) -> None:
        """Lets them all pass from now on."""
        self._writers._appender.append = self._append  # type: ignore[method-assign]
        self._go.set()


def lose_next_reply(writers: Writers, *, arrives: bool) -> None:
    """The next append's answer gets lost; the append itself arrives or not."""
    append = writers._appender.append

    async def lossy(node: int, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, Outcome]:
        writers._appender.append = append  # type: ignore[method-assign]
        if arrives:
            await append(node, batches)
        return dict.fromkeys(batches, Unknown("the test lost the answer"))

    writers._appender.append = lossy  # type: ignore[method-assign]


def writer_of(writers: Writers, board: str) -> Any:
    """The writer of a board's partition."""
    kind = StreamKind.CONVERSATIONS
    number = partition_of(board, writers._settings.partitions)
    return writers._writers[TopicPartition(writers._settings.topic(kind), number)]


async def escape_the_fence(writers: Writers, board: str) -> None:
    """Makes the broker's fence useless: the writer goes on under a producer id that nobody fences."""
    writer = writer_of(writers, board)
    unrelated: ProducerIdentity = await writers._appender.fence(f"unrelated-{board}")
    writer.tenure = with_other(writer.tenure, producer=unrelated, sequence=0)


async def stop_renewing(writers: Writers) -> None:
    """The writers no longer renew their leases, as if they were paused; they serve on."""
    writers._leases.renew = _never  # type: ignore[method-assign]


async def _never(*, starting: bool = False) -> None:
    await asyncio.Event().wait()


def stop_flushing(writers: Writers) -> None:
    """The decision store stays behind the log from here on."""
    writers._store.flush = _unanswered  # type: ignore[method-assign]


async def _unanswered(*_: Any, **__: Any) -> bool:
    raise TimeoutError("the test lets no flush through")
