"""L1 where nothing had to be recorded: at the position that was answered, everything was as it had been asked."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.blackbox.answer_rules import may_have_changed_nothing
from tests.blackbox.finding import Finding
from tests.blackbox.folding import Fold
from tests.blackbox.history import ACCEPTED, History, Try, Wish
from tests.blackbox.kinds import KINDS, Standing
from tests.blackbox.recorded import RecordedLog


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An answer that says that all is as it was asked, up to an offset."""

    offset: int
    wish: Wish
    told: Try


def nothing_had_to_be_recorded(history: History, log: RecordedLog) -> Iterator[Finding]:
    """L1, for each answer of a command that left no record."""
    answers = _by_partition(history, log)
    for (kind, partition), entries in log.places.items():
        fold, waiting = Fold(), answers.pop(f"{kind[0]}{partition}", [])
        for entry in entries:
            while waiting and waiting[-1].offset < entry.offset:
                yield from _untrue(waiting.pop(), fold, history.clock)
            fold.add(entry)
        for each in reversed(waiting):
            yield from _untrue(each, fold, history.clock)
    for elsewhere in answers.values():
        yield from (Finding("L1", each.wish.name, "answered a place that there is not") for each in elsewhere)


def _by_partition(history: History, log: RecordedLog) -> dict[str, list[Unchanged]]:
    """The last one first."""
    recorded, found = log.by_command(), defaultdict[str, list[Unchanged]](list)
    for name, tries in history.tries_by_wish().items():
        wish = history.wishes[name]
        for each in tries:
            entries = recorded.get(wish.command_id, [])
            if each.outcome == ACCEPTED and may_have_changed_nothing(wish, each, entries):
                partition, _, offset = each.answer["position"].partition("-")
                found[partition].append(Unchanged(int(offset), wish, each))
    for answers in found.values():
        answers.sort(key=lambda each: each.offset, reverse=True)
    return found


def _untrue(each: Unchanged, fold: Fold, clock: float) -> Iterator[Finding]:
    already = KINDS[each.wish.kind].already
    at = datetime.fromtimestamp(each.told.completed + clock, UTC)
    if already is None or not already(Standing(each.wish, each.told.answer, fold.tables, at)):
        yield Finding("L1", each.wish.name, f"answered {each.told.answer}, not recorded, and it was not so")
