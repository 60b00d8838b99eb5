"""The command service as it is, but for one thing: told so, it stands still at the worst moment, just before an append.

Everything was decided and nothing is sent: what a long pause of a process or of its machine can hit. Told by a file
whose name is in the environment; the file is removed when the process stops itself with SIGSTOP.
"""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from aiokafka.structs import TopicPartition

from services.command.__main__ import main
from services.command.writing.appending import Appender, Outcome

TOLD_BY = "STAND_STILL_WHEN_THERE_IS"

append = Appender.append


async def stand_still_first(
    self: Appender, node: int, batches: Mapping[TopicPartition, bytes]
) -> dict[TopicPartition, Outcome]:
    """Appends, after standing still if told to."""
    told = Path(os.environ[TOLD_BY])
    if told.exists():  # noqa: ASYNC240  # a look at a file, in a test
        told.unlink()  # noqa: ASYNC240  # likewise
        os.kill(os.getpid(), signal.SIGSTOP)
    return await append(self, node, batches)


if __name__ == "__main__":
    Appender.append = stand_still_first  # type: ignore[method-assign]  # that is what this file is for
    main()
