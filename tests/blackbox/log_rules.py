"""L2, L3, L4 and S: what the log may hold, in which order, and what becomes of statuses that end."""

import math
from collections.abc import Iterator
from datetime import datetime

from shared.identifiers import VERBATIM_ITSELF
from tests.blackbox.answer_rules import command_of
from tests.blackbox.finding import Finding
from tests.blackbox.history import ACCEPTED, OTHER_CONTENT, History
from tests.blackbox.recorded import Entry, RecordedLog

STUCK_SECONDS = 10.0
SET, CLEARED = "status.set", "status.cleared"


def somebody_asked(history: History, log: RecordedLog) -> Iterator[Finding]:
    """L2: since the first wish, nothing came but what was wished for, and statuses that ended by themselves."""
    asked = {command_of(wish) for wish in history.wishes.values() if wish.kind != "refused"}
    for place, entries in log.places.items():
        for entry in entries:
            by_itself = entry.type == CLEARED and entry.actor == VERBATIM_ITSELF
            if entry.offset >= log.began.get(place, 0) and entry.command not in asked and not by_itself:
                yield Finding("L2", entry.position, f"nobody asked for {entry.type}")


def versions_are_whole(log: RecordedLog) -> Iterator[Finding]:
    """L3: each stream goes 1, 2, 3 … by offset, in one partition."""
    versions: dict[str, int] = {}
    homes: dict[str, tuple[str, int]] = {}
    for place, entries in log.places.items():
        for entry in entries:
            expected = versions.get(entry.stream, 0) + 1
            if entry.version != expected:
                yield Finding("L3", entry.position, f"{entry.stream} has version {entry.version}, not {expected}")
            if homes.setdefault(entry.stream, place) != place:
                yield Finding("L3", entry.position, f"{entry.stream} lies in two partitions")
            versions[entry.stream] = entry.version


def answered_before_sent(history: History, log: RecordedLog) -> Iterator[Finding]:
    """L4: in its partition, what was answered before something else was sent lies before it."""
    sent, answered = _times(history)
    for entries in log.places.values():
        last_sent = -math.inf
        for entry in entries:
            if answered.get(entry.command, math.inf) < last_sent:
                yield Finding("L4", entry.position, "it was answered before something was sent that lies before it")
            last_sent = max(last_sent, sent.get(entry.command, -math.inf))


def _times(history: History) -> tuple[dict[str, float], dict[str, float]]:
    sent: dict[str, float] = {}
    answered: dict[str, float] = {}
    for name, tries in history.tries_by_wish().items():
        if history.wishes[name].kind == OTHER_CONTENT:
            continue
        command = command_of(history.wishes[name])
        sent[command] = min((each.invoked for each in tries), default=math.inf)
        answered[command] = min((each.completed for each in tries if each.outcome == ACCEPTED), default=math.inf)
    return sent, answered


def statuses_end_once(log: RecordedLog, checked_at: float) -> Iterator[Finding]:
    """S: cleared once, never early, never over a newer one, and not left standing. `checked_at`: seconds since 1970."""
    shown: dict[str, Entry] = {}
    cleared: set[str] = set()
    for entry in log.entries():
        if entry.type == SET:
            shown[entry.stream] = entry
        elif entry.type == CLEARED:
            status = shown.pop(entry.stream, None)
            if entry.data["reason"] == "expired":
                yield from _wrong_clearing(entry, status, cleared)
                cleared.add(entry.data["job_id"])
    for status in shown.values():
        if _due(status) < checked_at - STUCK_SECONDS:
            yield Finding("S", status.position, "it is past its end, and still there")


def _wrong_clearing(entry: Entry, status: Entry | None, cleared: set[str]) -> Iterator[Finding]:
    job = entry.data["job_id"]
    if job in cleared:
        yield Finding("S", entry.position, "it was cleared twice")
    elif status is None or status.data.get("job_id") != job:
        yield Finding("S", entry.position, "another status stood there")
    elif entry.seconds < _due(status):
        yield Finding("S", entry.position, "it was cleared early")


def _due(status: Entry) -> float:
    end = status.data.get("expires_at")
    return math.inf if end is None else datetime.fromisoformat(end).timestamp()
