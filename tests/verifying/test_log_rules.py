"""What is wrong in a log is found, each thing under its own rule; what is right is not."""

from collections.abc import Callable

import pytest

from services.operator.verifying.expiry_rules import ExpiryRules
from services.operator.verifying.findings import Report
from services.operator.verifying.partition_rules import PartitionRules
from tests.verifying.handmade import ADA, BEN, PARTITIONS, Entry, HandmadeLog, a_correct_history, named

SENT, READ, SET = "message.sent", "message.read", "status.set"


def checked(log: HandmadeLog) -> Report:
    """What the rules of the log find in it."""
    report, commands = Report(), set[str]()
    expiries = ExpiryRules(report)
    for kind, partition in log.places:
        rules = PartitionRules(kind, PARTITIONS, report, commands)
        for fact in rules.facts(log.records(kind, partition)):
            expiries.follow(fact)
    return report


def test_a_correct_history_has_no_finding() -> None:
    report = checked(a_correct_history())

    assert report.first == []
    assert report.is_clean
    assert report.looked_at["events"] == 63
    assert report.looked_at["claims"] == 5
    assert report.looked_at["expiries"] == 1


def duplicate_a_record(log: HandmadeLog) -> None:
    entries, i = log.find(SENT)
    entries.insert(i + 1, entries[i])


def append_a_command_again(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    again = Entry(entries[i].key, dict(entries[i].envelope))
    again.envelope["sequence"] = str(log.versions[again.envelope["subject"]] + 1)
    again.envelope["claim"] = log.in_force["conversations", next(p for p, e in log.places.items() if e is entries)[1]]
    entries.append(again)


def lose_a_record(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].envelope["sequence"] = str(int(entries[i].envelope["sequence"]) + 1)


def swap_two_records(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i], entries[i + 1] = entries[i + 1], entries[i]


def move_to_another_partition(log: HandmadeLog) -> None:
    entries, i = log.find("user.registered")
    here = next(place for place, there in log.places.items() if there is entries)
    elsewhere = (here[0], 1 - here[1])
    person = entries[i].envelope["subject"]
    moved = [entry for entry in entries if entry.key == person]
    for entry in moved:
        entries.remove(entry)
        entry.envelope["claim"] = log.in_force[elsewhere]
    log.places[elsewhere] += moved


def take_another_key(log: HandmadeLog) -> None:
    entries, i = log.find(SENT)
    entries[i].key = ADA


def tear_a_command(log: HandmadeLog) -> None:
    entries, i = log.find("message.system_sent")
    entries[i].envelope["id"] = f"{named('another command')}.1"


def put_somebody_else_into_a_command(log: HandmadeLog) -> None:
    entries, i = log.find("message.system_sent")
    entries[i].envelope["actor"] = named("somebody else")


def name_a_claim_of_nobody(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].envelope["claim"] = "1-9"


def claim_with_the_same_epoch(log: HandmadeLog) -> None:
    log.claim("users", 0, 0)


def claim_with_an_impossible_epoch(log: HandmadeLog) -> None:
    log.claim("users", 0, 40_000)


def forget_an_attribute(log: HandmadeLog) -> None:
    entries, i = log.find(SENT)
    del entries[i].envelope["fingerprint"]


def record_an_unknown_type(log: HandmadeLog) -> None:
    entries, i = log.find("message.unsent")
    entries[i].envelope["type"] = "verbatim.message.exploded.v1"


def record_a_wrong_field(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].envelope["data"] = {"seq": "2"}


def attach_nothing_in_particular(log: HandmadeLog) -> None:
    entries, i = log.find(SENT)
    entries[i].envelope["data"]["attachments"] = ["shell"]


def attach_what_is_of_no_kind(log: HandmadeLog) -> None:
    entries, i = log.find(SENT)
    entries[i].envelope["data"]["attachments"] = [{"kind": "image"}, {"url": "https://media.example/shell"}]


def record_no_json(log: HandmadeLog) -> None:
    entries, i = log.find("conversation.renamed")
    entries[i].raw = b"{"


def use_other_headers(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].headers = ()


def a_local_time(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].envelope["time"] = "2026-03-02T12:00:00+01:00"


def a_month_that_is_none(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].envelope["time"] = "2026-13-02T12:00:00Z"


def name_a_claim_of_many_digits(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].envelope["claim"] = "9" * 5_000 + "-0"


def a_version_of_many_digits(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].envelope["sequence"] = "9" * 5_000


def put_a_user_among_conversations(log: HandmadeLog) -> None:
    entries, i = log.find(READ)
    entries[i].envelope["type"] = "verbatim.status.dnd_set.v1"
    entries[i].envelope["data"] = {"enabled": True}


def clear_early(log: HandmadeLog) -> None:
    entries, i = log.find("status.cleared")
    entries[i].envelope["time"] = "2026-03-02T12:00:01Z"


def clear_over_a_newer_one(log: HandmadeLog) -> None:
    entries, i = log.find("status.cleared")
    entries[i].envelope["data"]["job_id"] = f"status-{ADA}-0"


def clear_with_another_due_time(log: HandmadeLog) -> None:
    entries, i = log.find("status.cleared")
    entries[i].envelope["data"]["due_at"] = "2026-03-02T12:00:00Z"


def clear_twice(log: HandmadeLog) -> None:
    entries, i = log.find("status.cleared")
    log.command("users", ADA, ADA, ("status.cleared", entries[i].envelope["data"]))


def clear_what_stays(log: HandmadeLog) -> None:
    entries, i = log.find(SET, ADA)
    del entries[i].envelope["data"]["expires_at"], entries[i].envelope["data"]["job_id"]


def set_a_job_that_is_never_due(log: HandmadeLog) -> None:
    entries, i = log.find(SET, BEN)
    entries[i].envelope["data"]["job_id"] = "status-1"


@pytest.mark.parametrize(
    ("rule", "tamper"),
    [
        ("version", duplicate_a_record),
        ("command", duplicate_a_record),
        ("command", append_a_command_again),
        ("version", lose_a_record),
        ("version", swap_two_records),
        ("place", move_to_another_partition),
        ("place", take_another_key),
        ("command", tear_a_command),
        ("command", put_somebody_else_into_a_command),
        ("claim", name_a_claim_of_nobody),
        ("version", name_a_claim_of_nobody),
        ("claim", claim_with_the_same_epoch),
        ("envelope", claim_with_an_impossible_epoch),
        ("envelope", forget_an_attribute),
        ("envelope", record_an_unknown_type),
        ("envelope", record_a_wrong_field),
        ("envelope", attach_nothing_in_particular),
        ("envelope", attach_what_is_of_no_kind),
        ("envelope", record_no_json),
        ("envelope", use_other_headers),
        ("envelope", a_local_time),
        ("envelope", a_month_that_is_none),
        ("envelope", name_a_claim_of_many_digits),
        ("envelope", a_version_of_many_digits),
        ("envelope", put_a_user_among_conversations),
        ("expiry", clear_early),
        ("expiry", clear_over_a_newer_one),
        ("expiry", clear_with_another_due_time),
        ("expiry", clear_twice),
        ("expiry", clear_what_stays),
        ("expiry", set_a_job_that_is_never_due),
    ],
)
def test_what_was_broken_is_found(rule: str, tamper: Callable[[HandmadeLog], None]) -> None:
    report = checked(a_correct_history().tampered(tamper))

    assert report.found[rule] >= 1


def test_what_a_zombie_wrote_is_counted_and_does_not_count() -> None:
    log = a_correct_history()
    log.claim("users", 0, 1)
    zombie = Entry(ADA, {**log.places["users", 0][-2].envelope, "claim": "0-0", "id": f"{named('zombie')}.0"})
    log.places["users", 0].append(zombie)

    report = checked(log)

    assert report.first == []
    assert report.looked_at["void records"] == 1
    assert report.looked_at["events"] == 63


def test_a_record_that_was_cut_off_in_front_is_missed() -> None:
    log, report = a_correct_history(), Report()
    rules = PartitionRules("users", PARTITIONS, report, set())

    list(rules.facts(list(log.records("users", 0))[1:]))

    assert report.found["log"] == 1
