"""What may be wrong with a run: each breaks a correct one in one way, by the promise that it breaks."""

from dataclasses import replace
from typing import Any

from tests.blackbox.checking import Evidence
from tests.blackbox.history import ACCEPTED, BROKEN, OTHER_CONTENT, UNAVAILABLE
from tests.blackbox.wishes import arrange, send, set_status
from tests.chaos.handmade import DEN, OTHERS, ROOM, USERS, HandmadeRun, participant_row, status_row, time_at
from tests.chaos.handmade_den import (
    BEN,
    CROWD,
    CY,
    DELETED,
    DOT,
    FIRST,
    GROUP,
    LEFT_CROWD,
    LIKED_AGAIN,
    OOPS,
    PINNED,
    live_in_a_den,
)
from tests.chaos.handmade_room import AGAIN, BACK, HELLO, LUNCH, NOTHING, live_in_a_room
from tests.chaos.table_defects import TABLE_DEFECTS, Tamper

WITHIN = 5.5
"""The seconds within which a command is to be answered."""


def a_correct_run() -> HandmadeRun:
    """All that was written by hand."""
    run = HandmadeRun()
    live_in_a_room(run)
    live_in_a_den(run)
    return run


def tampered(tamper: Tamper) -> Evidence:
    """The correct run, in which something was broken."""
    run = a_correct_run()
    tamper(run)
    return run.evidence()


def drop(run: HandmadeRun, place: tuple[str, int], at: int) -> None:
    """As if it had never been: what comes behind moves up."""
    gone = run.values[place].pop(at)
    _renumber(run.values[place][at:], gone["subject"])


def _renumber(later: list[dict[str, Any]], stream: str) -> None:
    for each in later:
        if each.get("subject") == stream:
            each["sequence"] = str(int(each["sequence"]) - 1)


def make_void(run: HandmadeRun, place: tuple[str, int], command_id: str) -> None:
    """As if it had been written under a claim that is over: what comes behind stays where it is."""
    at = next(at for at, each in enumerate(run.values[place]) if each.get("id") == f"{command_id}.0")
    gone = run.values[place][at]
    gone["claim"] = "7-7"
    _renumber(run.values[place][at + 1 :], gone["subject"])


def swap(values: list[dict[str, Any]], one: int, other: int) -> None:
    """They change places, and each has the version of its place."""
    values[one]["sequence"], values[other]["sequence"] = values[other]["sequence"], values[one]["sequence"]
    values[one], values[other] = values[other], values[one]


def try_again(run: HandmadeRun, attempt: int, **changes: Any) -> None:
    """Changes a request."""
    run.history.tries[attempt] = replace(run.history.tries[attempt], **changes)


def lost_ack(run: HandmadeRun) -> None:
    drop(run, USERS, 3)
    del run.tables["user_statuses"]["ada"]


def duplicate(run: HandmadeRun) -> None:
    run.values[ROOM].append(run.values[ROOM][2] | {"sequence": "6"})


def refused_but_logged(run: HandmadeRun) -> None:
    run.record(ROOM, NOTHING, 2.0, ("message.sent", {"content": "said under nothing", "seq": 4}))


def refused_but_logged_and_then_accepted(run: HandmadeRun) -> None:
    """The first try was answered 503 when the record was made already."""
    run.values[ROOM][3]["time"] = run.values[ROOM][2]["time"]


def unavailable_but_logged(run: HandmadeRun) -> None:
    for index, each in enumerate(run.history.tries):
        if each.wish == AGAIN.name:
            try_again(run, index, outcome=UNAVAILABLE, status=503, answer={})


def retry_answered_differently(run: HandmadeRun) -> None:
    try_again(run, 1, answer=run.history.tries[1].answer | {"seq": 9})


def altered_payload(run: HandmadeRun) -> None:
    run.values[ROOM][2]["data"]["content"] = "something else"


def other_position(run: HandmadeRun) -> None:
    for index in (0, 1):
        try_again(run, index, answer=run.history.tries[index].answer | {"position": "c0-9"})


def torn_command(run: HandmadeRun) -> None:
    drop(run, ROOM, 5)


def answered_500(run: HandmadeRun) -> None:
    try_again(run, 1, outcome=BROKEN, status=500, answer={})


def key_taken_for_other_content(run: HandmadeRun) -> None:
    run.told(replace(HELLO, kind=OTHER_CONTENT), 7.0, ACCEPTED, 200, **run.history.tries[0].answer)


def recorded_under_another_stream(run: HandmadeRun) -> None:
    run.values[ROOM][2]["actor"] = "somebody"


def phantom(run: HandmadeRun) -> None:
    nobody = replace(HELLO, key="nobody")
    run.record(ROOM, nobody, 7.0, ("message.read", {"seq": 1}))


def gap(run: HandmadeRun) -> None:
    run.values[ROOM][3]["sequence"] = "9"


def swapped_versions(run: HandmadeRun) -> None:
    values = run.values[USERS]
    values[1]["sequence"], values[2]["sequence"] = values[2]["sequence"], values[1]["sequence"]


def two_partitions(run: HandmadeRun) -> None:
    run.values["conversations", 1] = [run.values[ROOM][0], run.values[ROOM].pop()]
    run.values["conversations", 1][1]["sequence"] = "6"


def swapped_order(run: HandmadeRun) -> None:
    swap(run.values[ROOM], 2, 3)


def lost_ack_of_what_may_change_nothing(run: HandmadeRun) -> None:
    make_void(run, DEN, PINNED.command_id)
    run.tables["participants"][f"{GROUP} cy"]["pinned_at"] = None


def told_that_nothing_had_to_be_recorded(run: HandmadeRun) -> None:
    run.accepted(DEN, arrange(CY, GROUP, "aside", "archived"), 31)


def told_nothing_had_changed_too_late(run: HandmadeRun) -> None:
    """It was not so yet at the position that was answered."""
    for index, each in enumerate(run.history.tries):
        if each.wish == LIKED_AGAIN.name:
            try_again(run, index, answer=each.answer | {"position": "c2-4"})


def decided_anew_once_it_was_recorded(run: HandmadeRun) -> None:
    run.told(PINNED, 31, ACCEPTED, 200, command_id=PINNED.command_id, position=run.end_of(DEN))


def recorded_behind_the_end_of_a_conversation(run: HandmadeRun) -> None:
    late = send(BEN, "late", to=DELETED.stream)
    said = {"content": "said under late", "client_message_id": "late", "seq": 1}
    run.accepted(DEN, late, 31, ("message.sent", said), message_id=late.command_id, seq=1)


def recorded_behind_the_end_of_a_person(run: HandmadeRun) -> None:
    late = set_status(DOT, "late", None)
    run.accepted(OTHERS, late, 31, ("status.set", {"text": "status late"}), job_id=None)
    run.tables["user_statuses"]["dot"] = status_row(text="status late")


def status_still_shown(run: HandmadeRun) -> None:
    run.tables["user_statuses"]["ada"] = status_row(text="status lunch", job_id="job", expires_at=time_at(8))


def read_went_back(run: HandmadeRun) -> None:
    run.saw(4.8, (1, HELLO.command_id, "said under hello"))


def behind_its_minimum(run: HandmadeRun) -> None:
    run.history.looks[0] = replace(run.history.looks[0], least=2)


def read_with_a_hole(run: HandmadeRun) -> None:
    run.history.looks[1] = replace(
        run.history.looks[1], messages=((3, "notice", "renamed"), run.history.looks[1].messages[1])
    )


def read_what_is_not_there(run: HandmadeRun) -> None:
    run.saw(4.8, (4, "phantom", "never said"), (3, "notice", "renamed"))


def read_altered(run: HandmadeRun) -> None:
    run.saw(4.8, (2, AGAIN.command_id, "said otherwise"))


def read_an_older_text(run: HandmadeRun) -> None:
    run.saw(15, (2, OOPS.command_id, None), (1, FIRST.command_id, "said under first"), where=GROUP)


def read_what_was_unsent(run: HandmadeRun) -> None:
    run.saw(15, (2, OOPS.command_id, "said under oops"), (1, FIRST.command_id, "edited under better"), where=GROUP)


def cleared_early(run: HandmadeRun) -> None:
    run.values[USERS][2]["time"] = run.values[USERS][1]["time"]


def never_cleared(run: HandmadeRun) -> None:
    drop(run, USERS, 2)
    run.history.wishes.pop(BACK.name)
    run.history.tries = [each for each in run.history.tries if each.wish != BACK.name]
    drop(run, USERS, 2)
    run.tables["user_statuses"]["ada"] = status_row(text="status lunch", job_id="job", expires_at=time_at(8))


def cleared_twice(run: HandmadeRun) -> None:
    again = run.values[USERS][2]
    command = replace(LUNCH, key="twice").command_id
    run.values[USERS].insert(3, again | {"id": f"{command}.0", "sequence": "3"})
    run.values[USERS][4]["sequence"] = "4"


def cleared_over_a_newer_one(run: HandmadeRun) -> None:
    swap(run.values[USERS], 2, 3)
    del run.tables["user_statuses"]["ada"]


def answered_late(run: HandmadeRun) -> None:
    try_again(run, 0, completed=1.0 + WITHIN + 0.1)


def question_answered_late(run: HandmadeRun) -> None:
    run.history.looks[0] = replace(run.history.looks[0], completed=13.0)


def question_answered_500(run: HandmadeRun) -> None:
    run.saw(4.8, status=500)


def still_in_a_group(run: HandmadeRun) -> None:
    make_void(run, DEN, LEFT_CROWD.command_id)
    run.tables["participants"][f"{CROWD.stream} dot"] = participant_row("member")


def put_out_of_a_group_as_if_they_had_left_for_good(run: HandmadeRun) -> None:
    run.record(DEN, replace(LEFT_CROWD, stream=GROUP, actor="cy"), 31, ("conversation.participant_left", {}))
    del run.tables["participants"][f"{GROUP} cy"]


DEFECTS: dict[str, tuple[Tamper, ...]] = {
    "L1": (
        lost_ack,
        duplicate,
        refused_but_logged,
        refused_but_logged_and_then_accepted,
        unavailable_but_logged,
        retry_answered_differently,
        altered_payload,
        other_position,
        torn_command,
        answered_500,
        key_taken_for_other_content,
        recorded_under_another_stream,
        lost_ack_of_what_may_change_nothing,
        told_that_nothing_had_to_be_recorded,
        told_nothing_had_changed_too_late,
        decided_anew_once_it_was_recorded,
    ),
    "L2": (
        phantom,
        refused_but_logged,
        recorded_behind_the_end_of_a_conversation,
        recorded_behind_the_end_of_a_person,
        put_out_of_a_group_as_if_they_had_left_for_good,
    ),
    "L3": (gap, swapped_versions, two_partitions),
    "L4": (swapped_order,),
    "R1": (*TABLE_DEFECTS, status_still_shown),
    "R2": (
        read_went_back,
        behind_its_minimum,
        read_with_a_hole,
        read_what_is_not_there,
        read_altered,
        read_an_older_text,
        read_what_was_unsent,
    ),
    "S": (cleared_early, never_cleared, cleared_twice, cleared_over_a_newer_one),
    "A": (answered_late, question_answered_late, question_answered_500, still_in_a_group),
}
