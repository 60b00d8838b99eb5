"""How a feature says what may be asked, what must be known and what follows: without clock, identity or storage."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol

from msgspec import Struct
from typing_extensions import TypeVar

from shared.events.domain_event import DomainEvent, Recorded
from shared.identifiers import CommandId, StreamId, StreamKind, UserId

S = TypeVar("S", default=Any)
R = TypeVar("R", default=Any)
C = TypeVar("C", default=Any)


class Stream(Struct, frozen=True, gc=False):
    """Names a stream: what kind it is, and its id."""

    kind: StreamKind
    id: StreamId


class Command(Protocol):
    """What is asked of one stream. A question asked of a writer (`ask`) has the same form."""

    @property
    def stream(self) -> Stream:
        """The stream whose writer decides."""


@dataclass(frozen=True)
class Refusal:
    """What is wrong, as a statement. Subclasses name the HTTP status, the stable code and the title."""

    status: ClassVar[int] = 409
    code: ClassVar[str]
    title: ClassVar[str]
    pointer: ClassVar[str | None] = None
    """Which part of the body it is about: a JSON pointer, for those with status 422."""

    @property
    def points_at(self) -> str | None:
        """The pointer, where only the refusal itself knows it."""
        return self.pointer

    @property
    def detail(self) -> str:
        """What to do about it, where more can be said than the title."""
        return ""


class Unchanged(Struct, frozen=True, gc=False):
    """Nothing follows, and nothing is wrong: the answer alone."""

    result: Mapping[str, Any] = {}


Decision = Sequence[DomainEvent] | Refusal | Unchanged
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowKind(Generic[R]):
    """What grows without limit in a stream: each has a row of its own under (stream, name, key).

    `touched` gives the keys of the rows that an event changes, from the event alone; `evolve` the row's next value
    (None: there is none any more) from the present one.
    """

    name: str
    type: type[R]
    touched: Callable[[Recorded], Sequence[str]]
    evolve: Callable[[R | None, str, Recorded], R | None]


class RowKey(Struct, frozen=True, gc=False):
    """A row that a command must know."""

    kind: RowKind
    key: str


class AllRows(Struct, frozen=True, gc=False):
    """All rows of a kind in the stream that a command must know: for what is asked rarely."""

    kind: RowKind


Need = RowKey | AllRows


class Known(Protocol):
    """What the machinery fetched before a rule is asked. `command_id` is also the id of what the command makes."""

    @property
    def version(self) -> int:
        """How many events the stream has; 0 when there is none."""

    @property
    def command_id(self) -> CommandId:
        """The id of the command that is decided."""

    @property
    def actor(self) -> UserId:
        """Who asks."""

    def part(self, decider: "Decider[S]") -> S:
        """The small state that this decider keeps of the stream."""

    def row(self, kind: RowKind[R], key: str) -> R | None:
        """A row that the needs named; None when there is none. Raises NotFetchedError if they did not name it."""

    def rows(self, kind: RowKind[R]) -> Mapping[str, R]:
        """All rows of a kind, by key, when the needs named AllRows of it."""


class NotFetchedError(LookupError):
    """A rule asked for a row that its needs did not name. The machinery fetches it and asks the rule again."""

    def __init__(self, need: Need) -> None:
        super().__init__(f"the rule's needs do not name {need}")
        self.need = need


def needs_nothing(command: Any, known: Known) -> Iterable[Need]:  # noqa: ARG001  # the form of every needs function
    """For rules that go by the stream's small state alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule(Generic[C]):
    """What is decided when a command of this type comes. `needs` may look at the stream's small state, not at rows."""

    command: type[C]
    decide: Callable[[C, Known, datetime], Decision]
    needs: Callable[[C, Known], Iterable[Need]] = needs_nothing


@dataclass(frozen=True)
class Decider(Generic[S]):
    """One feature's rules for one kind of stream.

    `evolve` never refuses: it sees every event of the stream and passes over what is not its own. `result` says what
    the command that led to an event is answered, from the event alone, so that a repeat is answered the same for ever.
    """

    name: str
    kind: StreamKind
    state: type[S]
    empty: S
    evolve: Callable[[S, Recorded], S]
    rules: tuple[Rule, ...]
    rows: tuple[RowKind, ...] = ()
    result: Callable[[Recorded], Result] = lambda _: {}
