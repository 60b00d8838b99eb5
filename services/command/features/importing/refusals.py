"""What can be wrong with a line besides its form and the rules of what it becomes."""

from dataclasses import dataclass
from typing import ClassVar

from services.command.deciding import Refusal


@dataclass(frozen=True)
class ActorIsUnknown(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "actor-is-unknown"
    title: ClassVar[str] = "Who did this is no person that was imported"
