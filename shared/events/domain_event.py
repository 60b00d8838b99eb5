"""What every event is: a frozen fact with the name under which it is recorded for good."""

from datetime import datetime
from typing import ClassVar, Generic

import msgspec
from typing_extensions import TypeVar

from shared.identifiers import CommandId, StreamId, UserId


class DomainEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fact. `recorded_as` is its type in the log: it never changes, and fields are only added, with a default."""

    recorded_as: ClassVar[str]


E_co = TypeVar("E_co", bound=DomainEvent, covariant=True, default=DomainEvent)


class Recorded(msgspec.Struct, Generic[E_co], frozen=True, gc=False):
    """An event with what its envelope says; `data` repeats none of it.

    `version` counts the stream's events from 1; `index` counts the command's events from 0; `time` is UTC, when the
    writer recorded it. `fingerprint` stands for the content that was asked for, `cause` for what led to the command.
    """

    stream_id: StreamId
    version: int
    time: datetime
    actor: UserId
    command_id: CommandId
    index: int
    fingerprint: str
    event: E_co
    cause: str | None = None
