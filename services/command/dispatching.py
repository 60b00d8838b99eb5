"""The doors to the writers: nothing outside `writing` may assume where a stream's writer is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from msgspec import Struct

from services.command.deciding import Command, Refusal, Result, Stream
from shared.identifiers import CommandId, UserId
from shared.web.problems import FieldError, Problem


class Submission(Struct, frozen=True, gc=False):
    """A command on its way to its stream's writer.

    `command_id` is the same for every repeat; `fingerprint` stands for the content that was asked for: the same id with
    another fingerprint is refused. `deadline` is on the event loop's clock, in seconds; None: the default from now.
    """

    command: Command
    command_id: CommandId
    actor: UserId
    fingerprint: str
    cause: str | None = None
    deadline: float | None = None


class Accepted(Struct, frozen=True, gc=False):
    """It is in the log, at `position`; or nothing had to be recorded, and `position` is where the stream's log stands.

    `appended`: this very request put it there; False for a repeat and for what changed nothing.
    """

    command_id: CommandId
    position: str
    result: Result
    appended: bool


class Refused(Problem):
    """The decider refused, for good as far as this request goes. Its status and code are the refusal's."""

    def __init__(self, refusal: Refusal) -> None:
        pointer = refusal.points_at
        super().__init__(
            refusal.detail, errors=[FieldError(pointer, refusal.detail or refusal.title)] if pointer is not None else ()
        )
        self.refusal = refusal
        self.status, self.code, self.title = refusal.status, refusal.code, refusal.title  # type: ignore[misc]


@dataclass(frozen=True)
class KeyUsedForOther(Refusal):
    """The writer's own refusal: one key, two contents."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "key-used-for-other-content"
    title: ClassVar[str] = "This key was used before for another content: choose a new one"


class Doors(Protocol):
    """`dispatch`, `ask` and `look_up`: the only ways to a stream's writer."""

    async def dispatch(self, submission: Submission) -> Accepted:
        """Has a command decided and recorded. Raises Refused, Unavailable or OutcomeUnknown."""

    async def ask(self, question: Command, deadline: float | None = None) -> Result:
        """Has a stream's writer answer a question, a rule that gives Unchanged. Raises Refused or Unavailable."""

    async def look_up(
        self, stream: Stream, command_id: CommandId, actor: UserId, deadline: float | None = None
    ) -> Accepted:
        """What became of a command, told to its owner: like a repeat of it.

        Raises Refused(NothingRecorded), Unavailable or OutcomeUnknown.
        """


class WideDoors(Doors, Protocol):
    """Doors that many commands pass together."""

    async def dispatch_all(self, submissions: Iterable[Submission]) -> Sequence[Accepted | Problem]:
        """Has commands decided and recorded, those of one stream in their order.

        An answer for each, in their order; what `dispatch` would raise is given.
        """


class LookUpCommand(Struct, frozen=True, gc=False):
    """A question that every writer answers: what became of a command. To its owner only."""

    stream: Stream
    command_id: CommandId


@dataclass(frozen=True)
class NothingRecorded(Refusal):
    """Not recorded when asked; an earlier try may still be on its way."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "not-recorded"
    title: ClassVar[str] = "No such command of yours was recorded when this was asked"
