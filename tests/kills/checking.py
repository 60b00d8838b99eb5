"""Holds what the clients were told against what the log says."""

from collections import defaultdict
from dataclasses import dataclass, field

from services.operator.verifying.findings import Report
from services.operator.verifying.log_reading import Going, LogReader
from services.operator.verifying.partition_rules import PartitionRules
from services.operator.verifying.plain_records import Fact
from shared.identifiers import StreamKind, command_id_of
from shared.settings import Settings
from tests.kills.load import ACCEPTED, BROKEN, UNKNOWN, UNSENT, Load, Try, Wish

LETTERS = {"conversations": "c", "users": "u"}


@dataclass(slots=True)
class Recorded:
    """What the log holds, by the command's id."""

    facts: dict[str, list[tuple[str, Fact]]] = field(default_factory=lambda: defaultdict(list))


async def recorded_in(settings: Settings) -> Recorded:
    """Everything that counts in both topics, each with its position as clients are told it."""
    recorded = Recorded()
    async with LogReader(settings.kafka_bootstrap_servers, Going()) as reader:
        for kind in StreamKind:
            extents = await reader.extents(settings.topic(kind))
            for number, extent in extents.items():
                rules = PartitionRules(kind.value, len(extents), Report(), set())
                async for batch in reader.batches(settings.topic(kind), number, extent):
                    for fact in rules.facts(batch):
                        position = f"{LETTERS[kind.value]}{number}-{fact.offset}"
                        recorded.facts[fact.command].append((position, fact))
    return recorded


def faults_of(load: Load, recorded: Recorded) -> list[str]:
    """Every way in which what was answered is not what is recorded: nothing, if all is well."""
    by_key: dict[str, list[Try]] = defaultdict(list)
    for each in load.tries:
        by_key[each.key].append(each)
    faults = [fault for key, tries in by_key.items() for fault in _faults_of(load.wishes[key], tries, recorded)]
    return faults + _nobody_asked(load, recorded)


def _faults_of(wish: Wish, tries: list[Try], recorded: Recorded) -> list[str]:
    command = command_id_of(wish.stream, wish.actor, wish.route, wish.key)
    facts = recorded.facts.get(command, [])
    accepted = [each for each in tries if each.outcome == ACCEPTED]
    where = f"{wish.kind} {wish.key}"
    faults = [f"{where}: answered {each.status}" for each in tries if each.outcome == BROKEN]
    if len(facts) > 1:
        faults.append(f"{where}: recorded {len(facts)} times")
    if accepted:
        faults += [f"{where}: {fault}" for fault in _wrong_answers(wish, command, accepted, facts)]
    elif facts and not any(each.outcome == UNKNOWN for each in tries):
        faults.append(f"{where}: refused each time, and recorded")
    return faults


def _wrong_answers(wish: Wish, command: str, accepted: list[Try], facts: list[tuple[str, Fact]]) -> list[str]:
    if not facts:
        return ["answered as accepted, and not recorded"]
    position, fact = facts[0]
    faults = []
    answers = [each.answer for each in accepted]
    if any(answer != answers[0] for answer in answers):
        faults.append("a repeat was answered otherwise")
    if answers[0].get("command_id") != command:
        faults.append("the answer names another command")
    if answers[0].get("position") != position:
        faults.append(f"answered position {answers[0].get('position')}, recorded at {position}")
    if not _is_what_was_asked(wish, answers[0], fact):
        faults.append("what is recorded is not what was asked and answered")
    return faults


def _is_what_was_asked(wish: Wish, answer: dict[str, object], fact: Fact) -> bool:
    data = fact.data
    if fact.actor != wish.actor or fact.stream != wish.stream:
        return False
    match wish.kind:
        case "sent":
            said = (data["content"], data["client_message_id"], data["seq"], fact.command)
            return said == (wish.body["content"], wish.key, answer["seq"], answer["message_id"])
        case "status":
            return (data["text"], data.get("job_id")) == (wish.body["text"], answer["job_id"])
        case "bookmark":
            kept = (data["target_id"], data["bookmarked"], data["bookmark_id"])
            return kept == (wish.body["target_id"], answer["bookmarked"], answer["bookmark_id"])
        case _:
            return False


def _nobody_asked(load: Load, recorded: Recorded) -> list[str]:
    asked = {command_id_of(each.stream, each.actor, each.route, each.key) for each in load.wishes.values()}
    wished = {each.body.get("content") or each.body.get("text") for each in load.wishes.values()} - {None}
    return [
        f"{fact.place}: nobody asked for it"
        for command, facts in recorded.facts.items()
        for _, fact in facts
        if command not in asked and (fact.data.get("content") or fact.data.get("text")) in wished
    ]


@dataclass(frozen=True, slots=True)
class Bite:
    """Whether the faults did anything: with none of these, the run says nothing."""

    accepted: int
    unknown: int
    unsent: int
    met_a_record: int


def bite_of(load: Load) -> Bite:
    """Counts what the clients saw of the faults. A message's retry that is answered 200 met its record."""
    outcomes = load.outcomes()
    unknown = {each.key for each in load.tries if each.outcome == UNKNOWN}
    firsts: dict[str, Try] = {}
    for each in load.tries:
        if each.outcome == ACCEPTED:
            firsts.setdefault(each.key, each)
    met = sum(load.wishes[key].kind == "sent" and each.status == 200 and key in unknown for key, each in firsts.items())
    return Bite(outcomes[ACCEPTED], outcomes[UNKNOWN], outcomes[UNSENT], met)
