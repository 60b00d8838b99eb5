"""What came of a run, in words."""

from collections.abc import Iterator, Sequence

from tests.contract.fuzzing import Outcome
from tests.contract.operations import Operation


def never_accepted(outcome: Outcome, operations: Sequence[Operation]) -> list[str]:
    """The operations of which no request was answered with a success: of these, little was seen."""
    return [each.name for each in operations if not outcome.accepted(each.name)]


def in_words(outcome: Outcome, operations: Sequence[Operation]) -> str:
    """The whole report."""
    return "\n".join(_lines(outcome, operations))


def _lines(outcome: Outcome, operations: Sequence[Operation]) -> Iterator[str]:
    yield f"{outcome.cases:,} requests of {len(operations)} operations; answers:"
    for operation in operations:
        counts = sorted((status, count) for (name, status), count in outcome.answered.items() if name == operation.name)
        yield f"  {operation.name}: {', '.join(f'{count} times {status}' for status, count in counts)}"
    missing = never_accepted(outcome, operations)
    yield f"never accepted: {', '.join(missing) or 'none'}"
    yield f"findings: {len(outcome.findings)}; troubles: {len(outcome.troubles)}"
    yield from map(str, outcome.findings.values())
    yield from outcome.troubles
