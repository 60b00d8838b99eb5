"""L2, L3, L4 and S: what the log may hold, in which order, and what becomes of statuses that end."""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from shared.identifiers import VERBATIM_ITSELF, UserId, command_id_of
from tests.blackbox.answer_rules import may_have_changed_nothing
from tests.blackbox.finding import Finding
from tests.blackbox.history import ACCEPTED, OTHER_CONTENT, History
from tests.blackbox.recorded import Entry, RecordedLog

STUCK_SECONDS = 10.0
LEAVING = "DELETE /v1/me"
SET, CLEARED, LEFT = "status.set", "status.cleared", "user.deactivated"
ENDS = frozenset({LEFT, "conversation.deleted"})


def somebody_asked(history: History, log: RecordedLog) -> Iterator[Finding]:
    """L2: since the first wish, nothing came but what was wished for and what follows from it.

    Statuses end by themselves, and whoever leaves for good leaves every conversation that can be left.
    """
    asked = {wish.command_id for wish in history.wishes.values() if wish.kind != "refused"}
    leaving = {wish.actor for wish in history.wishes.values() if wish.route == LEAVING}
    for place, entries in log.places.items():
        for entry in entries:
            by_itself = entry.type == CLEARED and entry.actor == VERBATIM_ITSELF
            follows = by_itself or (entry.actor in leaving and entry.command == _left_with(entry))
            if entry.offset >= log.began.get(place, 0) and entry.command not in asked and not follows:
                yield Finding("L2", entry.position, f"nobody asked for {entry.type}")


def _left_with(entry: Entry) -> str:
    """The command by which who did this, leaving for good, leaves this conversation."""
    return command_id_of(entry.stream, UserId(entry.actor), LEAVING, "leaving")


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


def the_end_is_the_end(log: RecordedLog) -> Iterator[Finding]:
    """L2: nothing follows for whoever left for good, and in a conversation that is deleted."""
    ended: dict[str, Entry] = {}
    for entry in log.entries():
        if entry.stream in ended:
            yield Finding("L2", entry.position, f"{entry.type} follows {ended[entry.stream].type}")
        if entry.type in ENDS:
            ended[entry.stream] = entry


def nobody_gone_is_in_a_group(log: RecordedLog, checked_at: float) -> Iterator[Finding]:
    """A: whoever left for good a while ago is in no conversation but those of two. `checked_at`: seconds since 1970."""
    left = {each.stream: each for each in log.entries() if each.type == LEFT and _was_a_while_ago(each, checked_at)}
    for conversation, people in _people_in_groups(log).items():
        for user_id in people & left.keys():
            yield Finding("A", left[user_id].position, f"{user_id} left for good, and is still in {conversation}")


def _was_a_while_ago(entry: Entry, checked_at: float) -> bool:
    return entry.seconds < checked_at - STUCK_SECONDS


def _people_in_groups(log: RecordedLog) -> dict[str, set[str]]:
    inside: defaultdict[str, set[str]] = defaultdict(set)
    for entry in log.entries():
        match entry.type:
            case "conversation.started" if entry.data["kind"] != "direct":
                inside[entry.stream] |= {entry.actor, *entry.data["participant_ids"]}
            case "conversation.participant_added":
                inside[entry.stream].add(entry.data["user_id"])
            case "conversation.participant_removed":
                inside[entry.stream].discard(entry.data["user_id"])
            case "conversation.participant_left":
                inside[entry.stream].discard(entry.actor)
            case "conversation.deleted":
                inside[entry.stream].clear()
            case _:
                pass  # nobody comes or goes
    return inside


def answered_before_sent(history: History, log: RecordedLog) -> Iterator[Finding]:
    """L4: in its partition, what was answered before something else was sent lies before it."""
    sent, answered = _times(history, log)
    for entries in log.places.values():
        last_sent = -math.inf
        for entry in entries:
            if answered.get(entry.command, math.inf) < last_sent:
                yield Finding("L4", entry.position, "it was answered before something was sent that lies before it")
            last_sent = max(last_sent, sent.get(entry.command, -math.inf))


def _times(history: History, log: RecordedLog) -> tuple[dict[str, float], dict[str, float]]:
    """When each command was first sent, and when it was first answered that it is recorded."""
    sent: dict[str, float] = {}
    answered: dict[str, float] = {}
    recorded = log.by_command()
    for name, tries in history.tries_by_wish().items():
        wish = history.wishes[name]
        if wish.kind == OTHER_CONTENT:
            continue
        entries = recorded.get(wish.command_id, [])
        accepted = (each for each in tries if each.outcome == ACCEPTED)
        told = (each.completed for each in accepted if not may_have_changed_nothing(wish, each, entries))
        sent[wish.command_id] = min((each.invoked for each in tries), default=math.inf)
        answered[wish.command_id] = min(told, default=math.inf)
    return sent, answered


def statuses_end_once(log: RecordedLog, checked_at: float) -> Iterator[Finding]:
    """S: cleared once, never early, never over a newer one, and not left standing. `checked_at`: seconds since 1970."""
    shown: dict[str, Entry] = {}
    cleared: set[str] = set()
    for entry in log.entries():
        if entry.type == SET:
            shown[entry.stream] = entry
        elif entry.type == LEFT:
            shown.pop(entry.stream, None)
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
