"""What is answered for each line of an import."""

from typing import Literal

import msgspec

from services.command.dispatching import Accepted
from shared.web.problems import OutcomeUnknown, Problem, ProblemKind, Unavailable

Outcome = Literal["recorded", "repeated", "refused", "unavailable", "unknown"]


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one line.

    `recorded`, `repeated` (it was there before) and `refused` are for good. `unavailable` (nothing was done) and
    `unknown` want the same line again. `code` and `reason` say why it was refused, or what was left out.
    """

    outcome: Outcome
    code: str = ""
    reason: str = ""


class Answers(msgspec.Struct, frozen=True):
    """An answer for each line, in their order."""

    items: list[Answer]


def accepted(answer: Accepted, left_out: type[ProblemKind] | None = None) -> Answer:
    """It is in the log; without what is named, if anything is."""
    outcome: Outcome = "recorded" if answer.appended else "repeated"
    return Answer(outcome, left_out.code, left_out.title) if left_out else Answer(outcome)


def refused(problem: Problem) -> Answer:
    """Refused for good, and why, without repeating what was sent."""
    said = [f"{error.pointer} {error.message}".strip() for error in problem.errors]
    return Answer("refused", problem.code, "; ".join(said) or problem.detail or problem.title)


def refused_as(kind: type[ProblemKind]) -> Answer:
    """Refused for good, for a reason that needs no more words than its title."""
    return Answer("refused", kind.code, kind.title)


def failed(problem: Problem) -> Answer:
    """What a problem on the way to the writer means for the line."""
    match problem:
        case Unavailable():
            return Answer("unavailable", reason=problem.detail)
        case OutcomeUnknown():
            return Answer("unknown", reason=problem.title)
        case _:
            return refused(problem)
