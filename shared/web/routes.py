"""A route is data: what it takes, answers and refuses. The edge, OpenAPI and the access table read the same list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Generic, Literal

from msgspec import Struct
from pydantic import BaseModel
from typing_extensions import TypeVar

from shared.identifiers import UserId
from shared.web.fields import NoParameters, Nothing
from shared.web.problems import ProblemKind

B = TypeVar("B", bound=BaseModel, default=Nothing)
P = TypeVar("P", bound=BaseModel, default=NoParameters)
Q = TypeVar("Q", bound=BaseModel, default=NoParameters)
H = TypeVar("H", bound=BaseModel, default=NoParameters)

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class Access(Enum):
    """Who may ask."""

    ANYONE = "anyone"
    SIGNED_IN = "signed-in"
    OPERATOR = "operator"


class Incoming(Struct, Generic[B, P, Q, H], frozen=True):
    """A request that was read and is valid. `by` is empty where anyone may ask; `key` is the Idempotency-Key header.

    `address` is where the connection comes from: with a proxy in front, the proxy's. `by_agent`: the access token says
    that they are an agent.
    """

    body: B
    path: P
    query: Q
    headers: H
    by: UserId
    key: str | None
    now: datetime
    request_id: str
    address: str
    route: "Route"
    by_agent: bool = False


class Bytes:
    """The `answer` of a route that gives bytes of any type, all of them or a range, as a response of its own."""


@dataclass(frozen=True)
class Route:
    """One method of one path. `handle` takes what the service makes of an Incoming, and gives what `answer` says.

    `creates`: a command's first answer is 201. `answer` is a msgspec Struct, or Bytes, or None for one that is not
    described. `headers`: those that it reads itself, by their names as aliases.
    `even_deactivated`: whoever has left for good may still ask, as long as their access token is good.
    """

    method: Method
    path: str
    summary: str
    handle: Callable[..., Any]
    answer: Any
    body: type[BaseModel] = Nothing
    parameters: type[BaseModel] = NoParameters
    query: type[BaseModel] = NoParameters
    headers: type[BaseModel] = NoParameters
    refusals: tuple[type[ProblemKind], ...] = ()
    access: Access = Access.SIGNED_IN
    creates: bool = False
    even_deactivated: bool = False
    description: str = ""

    @property
    def name(self) -> str:
        """The route as ids of commands name it."""
        return f"{self.method} {self.path}"
