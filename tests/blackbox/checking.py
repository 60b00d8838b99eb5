"""Holds what clients were told and saw against the log and the tables: everything that must always be true."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.blackbox.answer_rules import CLOCK_SECONDS, answers_are_in_time, answers_are_true
from tests.blackbox.finding import Finding
from tests.blackbox.history import ACCEPTED, UNKNOWN, UNSENT, History
from tests.blackbox.log_rules import (
    answered_before_sent,
    nobody_gone_is_in_a_group,
    somebody_asked,
    statuses_end_once,
    the_end_is_the_end,
    versions_are_whole,
)
from tests.blackbox.look_rules import readers_never_go_back
from tests.blackbox.recorded import Place, RecordedLog, log_ends, read_log
from tests.blackbox.table_rules import read_tables, tables_are_the_log
from tests.blackbox.tables import Tables
from tests.blackbox.unchanged_rules import nothing_had_to_be_recorded


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of a run when it is quiet. `checked_at`: seconds since 1970."""

    history: History
    log: RecordedLog
    tables: Tables
    checked_at: float


def findings_in(evidence: Evidence, answered_within: float) -> list[Finding]:
    """Every way in which a promise was broken: nothing, if all is well. `answered_within`: seconds for a command."""
    history, log = evidence.history, evidence.log
    return [
        *answers_are_true(history, log),
        *nothing_had_to_be_recorded(history, log),
        *somebody_asked(history, log),
        *versions_are_whole(log),
        *the_end_is_the_end(log),
        *answered_before_sent(history, log),
        *nobody_gone_is_in_a_group(log, evidence.checked_at),
        *tables_are_the_log(log, evidence.tables),
        *readers_never_go_back(history, log),
        *statuses_end_once(log, evidence.checked_at),
        *answers_are_in_time(history, answered_within),
    ]


async def where_it_begins(settings: Settings) -> dict[Place, int]:
    """What the log holds before the first wish: to be asked for then."""
    return await log_ends(settings.kafka_bootstrap_servers, _topics(settings))


async def evidence_of(history: History, began: Mapping[Place, int], settings: Settings) -> Evidence:
    """Reads the log and the tables, which must be quiet."""
    log = await read_log(settings.kafka_bootstrap_servers, _topics(settings))
    log.began = dict(began)
    return Evidence(history, log, await read_tables(settings.database_url, settings.schema("read")), time.time())


def _topics(settings: Settings) -> dict[str, str]:
    return {kind.value: settings.topic(kind) for kind in StreamKind}


@dataclass(frozen=True, slots=True)
class Bite:
    """Whether the faults did anything: with none of these, the run says nothing."""

    accepted: int
    unknown: int
    unsent: int
    met_a_record: int


def bite_of(evidence: Evidence) -> Bite:
    """Counts what the clients saw of the faults. A retry met a record if that was made before the retry was sent."""
    history = evidence.history
    outcomes = [each.outcome for each in history.tries]
    return Bite(
        outcomes.count(ACCEPTED),
        outcomes.count(UNKNOWN),
        outcomes.count(UNSENT),
        sum(_met_records(history, evidence.log)),
    )


def _met_records(history: History, log: RecordedLog) -> Iterator[bool]:
    recorded = log.by_command()
    for name, tries in history.tries_by_wish().items():
        entries = recorded.get(history.wishes[name].command_id, [])
        accepted = next((each for each in tries if each.outcome == ACCEPTED), None)
        if entries and accepted and any(each.outcome == UNKNOWN for each in tries):
            yield entries[0].seconds + CLOCK_SECONDS < accepted.invoked + history.clock
