"""The command service as it is, but for one thing: told so, it stands still at a moment that a crash seldom meets.

Just before an append everything was decided and nothing is sent; just after it the log has it and nobody was answered.
Told by a file in the folder that the environment names; the process removes it and stops itself with SIGSTOP. It waits
for an append to a conversation, since of a message a client can tell whether a retry met its record: 200, not 201.
"""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from aiokafka.structs import TopicPartition

from services.command.__main__ import main
from services.command.writing.appending import Appender, Outcome
from shared.identifiers import StreamKind

TOLD_IN = "STAND_STILL_FOLDER"
BEFORE_APPEND = "before-append"
AFTER_APPEND = "after-append"

append = Appender.append


async def append_standing_still(
    self: Appender, node: int, batches: Mapping[TopicPartition, bytes]
) -> dict[TopicPartition, Outcome]:
    """Appends, and stands still before or after it if told to."""
    _stand_still_if_told(BEFORE_APPEND, batches)
    outcomes = await append(self, node, batches)
    _stand_still_if_told(AFTER_APPEND, batches)
    return outcomes


def _stand_still_if_told(moment: str, batches: Mapping[TopicPartition, bytes]) -> None:
    told = Path(os.environ[TOLD_IN]) / moment
    if told.exists() and any(partition.topic.endswith(StreamKind.CONVERSATIONS) for partition in batches):
        told.unlink()
        os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    Appender.append = append_standing_still  # type: ignore[method-assign]  # that is what this file is for
    main()
