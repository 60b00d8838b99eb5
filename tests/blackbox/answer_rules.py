"""L1 and A: what was answered is what is recorded, once and for ever, and every request was answered in time."""

from collections.abc import Iterable, Iterator
from typing import Any

from shared.identifiers import command_id_of
from tests.blackbox.finding import Finding
from tests.blackbox.history import ACCEPTED, BROKEN, OTHER_CONTENT, UNKNOWN, History, Try, Wish
from tests.blackbox.recorded import Entry, RecordedLog

QUESTION_SECONDS_MORE = 5.0
"""A question may wait for its `Min-Position` before it is asked of Postgres."""
EVENTS = {"renamed": ["conversation.renamed", "message.system_sent"]}
CLOCK_SECONDS = 0.01


def command_of(wish: Wish) -> str:
    """The id that its command must have."""
    return command_id_of(wish.stream, wish.actor, wish.route, wish.key)


def answers_are_true(history: History, log: RecordedLog) -> Iterator[Finding]:
    """L1, for each wish."""
    recorded = log.by_command()
    for name, tries in history.tries_by_wish().items():
        wish = history.wishes[name]
        entries = recorded.get(command_of(wish), [])
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
    kinds = {"sent": ["message.sent"], "status": ["status.set"], "bookmark": ["bookmark.toggled"]} | EVENTS
    in_order = [(entry.index, entry.offset - entries[0].offset) for entry in entries]
    return [e.type for e in entries] == kinds.get(wish.kind) and in_order == [(i, i) for i in range(len(entries))]


def _wrong_answers(wish: Wish, accepted: list[Try], entries: list[Entry]) -> Iterator[str]:
    answers = [each.answer for each in accepted]
    if any(answer != answers[0] for answer in answers):
        yield "a repeat was answered otherwise"
    if not entries:
        yield "answered as accepted, and not recorded"
        return
    if answers[0].get("command_id") != command_of(wish):
        yield "the answer names another command"
    if answers[0].get("position") != entries[-1].position:
        yield f"answered position {answers[0].get('position')}, recorded at {entries[-1].position}"
    if not _is_what_was_asked(wish, answers[0], entries[0]):
        yield "what is recorded is not what was asked and answered"


def _is_what_was_asked(wish: Wish, answer: dict[str, Any], entry: Entry) -> bool:
    data = entry.data
    if (entry.actor, entry.stream, entry.key) != (wish.actor, wish.stream, wish.stream):
        return False
    match wish.kind:
        case "sent":
            said = (data["content"], data["client_message_id"], data["seq"], entry.command)
            return said == (wish.body["content"], wish.key, answer["seq"], answer["message_id"])
        case "status":
            return (data["text"], data.get("job_id")) == (wish.body["text"], answer["job_id"])
        case "bookmark":
            kept = (data["target_id"], data["bookmarked"], data["bookmark_id"])
            return kept == (wish.body["target_id"], answer["bookmarked"], answer["bookmark_id"])
        case "renamed":
            return bool(data["title"] == wish.body["title"])
        case _:
            return False


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
