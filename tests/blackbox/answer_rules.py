"""L1 and A: what was answered is what is recorded, once and for ever, and every request was answered in time."""

from collections.abc import Iterable, Iterator
from typing import Any

from tests.blackbox.finding import Finding
from tests.blackbox.history import ACCEPTED, BROKEN, OTHER_CONTENT, UNKNOWN, History, Try, Wish
from tests.blackbox.kinds import KINDS
from tests.blackbox.recorded import Entry, RecordedLog

QUESTION_SECONDS_MORE = 5.0
"""A question may wait for its `Min-Position` before it is asked of Postgres."""
CLOCK_SECONDS = 0.01
TOLD_ONCE = {"key": None}
"""What a repeat is not told: the key of an agent."""


def answers_are_true(history: History, log: RecordedLog) -> Iterator[Finding]:
    """L1, for each wish; what was answered where nothing had to be recorded is for `nothing_had_to_be_recorded`."""
    recorded = log.by_command()
    for name, tries in history.tries_by_wish().items():
        wish = history.wishes[name]
        entries = recorded.get(wish.command_id, [])
        for what in _faults(wish, tries, entries, history.clock):
            yield Finding("L1", name, what)


def _faults(wish: Wish, tries: list[Try], entries: list[Entry], clock: float) -> Iterator[str]:
    accepted = [each for each in tries if each.outcome == ACCEPTED]
    yield from (f"answered {each.status}" for each in tries if each.outcome == BROKEN)
    if wish.kind == OTHER_CONTENT:
        yield from ("another content was accepted under its key" for _ in accepted)
        return
    ids = [entry.envelope["id"] for entry in entries]
    if len(ids) != len(set(ids)):
        yield "recorded more than once"
    elif entries and not _is_whole(wish, entries):
        yield f"recorded as {[entry.type for entry in entries]}: torn, or other than was asked"
    if accepted:
        yield from _wrong_answers(wish, accepted, entries)
    if entries and not _may_be_recorded(tries, entries[0].seconds - clock):
        yield "recorded before any try that was not refused"


def _may_be_recorded(tries: list[Try], moment: float) -> bool:
    """A refused try did nothing and never will: some other one must have been sent before the record was made."""
    return any(each.invoked <= moment + CLOCK_SECONDS for each in tries if each.outcome in (ACCEPTED, UNKNOWN))


def _is_whole(wish: Wish, entries: list[Entry]) -> bool:
    kind = KINDS.get(wish.kind)
    in_order = [(entry.index, entry.offset - entries[0].offset) for entry in entries]
    is_what_it_may_be = kind is not None and kind.may_be(tuple(entry.type for entry in entries))
    return is_what_it_may_be and in_order == [(i, i) for i in range(len(entries))]


def _wrong_answers(wish: Wish, accepted: list[Try], entries: list[Entry]) -> Iterator[str]:
    answers = [each.answer | TOLD_ONCE for each in accepted if not may_have_changed_nothing(wish, each, entries)]
    if any(answer != answers[0] for answer in answers):
        yield "a repeat was answered otherwise"
    if any(each.answer.get("command_id") != wish.command_id for each in accepted):
        yield "the answer names another command"
    if not answers:
        return
    if not entries:
        yield "answered as accepted, and not recorded"
        return
    if answers[0].get("position") != entries[-1].position:
        yield f"answered position {answers[0].get('position')}, recorded at {entries[-1].position}"
    if not _is_what_was_asked(wish, answers[0], entries):
        yield "what is recorded is not what was asked and answered"


def may_have_changed_nothing(wish: Wish, each: Try, entries: list[Entry]) -> bool:
    """Whether a try was accepted without a record: it is of a kind for which that may be, and nothing of it is recorded
    up to the position that it was told. A later try may be recorded: what changed nothing is not remembered."""
    kind = KINDS.get(wish.kind)
    if kind is None or kind.already is None or "position" not in each.answer:
        return False
    partition, _, offset = each.answer["position"].partition("-")
    here = [entry for entry in entries if entry.position.startswith(f"{partition}-")]
    return len(here) == len(entries) and all(int(offset) < entry.offset for entry in here)


def _is_what_was_asked(wish: Wish, answer: dict[str, Any], entries: list[Entry]) -> bool:
    if any((entry.actor, entry.stream, entry.key) != (wish.actor, wish.stream, wish.stream) for entry in entries):
        return False
    recorded: dict[str, Any] = {}
    for entry in reversed(entries):  # of two of a type, the first is what was asked for
        recorded.update(entry.data)
    kind = KINDS.get(wish.kind)
    return kind is not None and all(recorded.get(name) == said for name, said in kind.says(wish, answer).items())


def answers_are_in_time(history: History, answered_within: float) -> Iterator[Finding]:
    """A, for each command and each question that nobody kept from being answered by stopping the process."""
    for each in history.tries:
        if each.seconds > answered_within and not _stood_still(history, each.url, each.invoked, each.completed):
            yield Finding("A", each.wish, f"it took {each.seconds:.1f} s until it was answered {each.status}")
    for look in history.looks:
        seconds = look.completed - look.invoked
        if look.status >= 500 and look.status != 503:
            yield Finding("A", look.conversation_id, f"a question was answered {look.status}")
        stood_still = _stood_still(history, look.url, look.invoked, look.completed)
        if seconds > answered_within + QUESTION_SECONDS_MORE and not stood_still:
            yield Finding("A", look.conversation_id, f"a question took {seconds:.1f} s until it was answered")


def _stood_still(history: History, url: str, invoked: float, completed: float) -> bool:
    frozen: Iterable[tuple[str, float, float]] = history.frozen
    return any(each == url and start < completed and invoked < end for each, start, end in frozen)
