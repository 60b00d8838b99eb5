"""What may be wrong with a run: each breaks a correct one in one way, by the promise that it breaks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.blackbox.history import ACCEPTED, BROKEN, OTHER_CONTENT, UNAVAILABLE
from tests.chaos.handmade import AGAIN, BACK, HELLO, LUNCH, NOTHING, ROOM, USERS, HandmadeRun, command_of

WITHIN = 5.5
"""The seconds within which a command is to be answered."""
Tamper = Callable[[HandmadeRun], None]


def drop(run: HandmadeRun, place: tuple[str, int], at: int) -> None:
    """As if it had never been: what comes behind moves up."""
    gone = run.values[place].pop(at)
    for later in run.values[place][at:]:
        if later.get("subject") == gone["subject"]:
            later["sequence"] = str(int(later["sequence"]) - 1)


def swap(values: list[dict[str, Any]], one: int, other: int) -> None:
    """They change places, and each has the version of its place."""
    values[one]["sequence"], values[other]["sequence"] = values[other]["sequence"], values[one]["sequence"]
    values[one], values[other] = values[other], values[one]


def try_again(run: HandmadeRun, attempt: int, **changes: Any) -> None:
    """Changes a request."""
    run.history.tries[attempt] = replace(run.history.tries[attempt], **changes)


def lost_ack(run: HandmadeRun) -> None:
    drop(run, USERS, 3)
    run.tables.user_statuses.clear()


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
    nobody = replace(HELLO, key="nobody", actor="ben")
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


def missing_row(run: HandmadeRun) -> None:
    del run.tables.messages["notice"]


def extra_row(run: HandmadeRun) -> None:
    run.tables.bookmarks["bookmark"] = ("ada", "first", None)


def stale_row(run: HandmadeRun) -> None:
    run.tables.conversations["room"] = ("Room", 3)


def status_still_shown(run: HandmadeRun) -> None:
    run.tables.user_statuses["ada"] = ("status lunch", "job")


def read_went_back(run: HandmadeRun) -> None:
    run.saw(4.8, (1, command_of(HELLO), "said under hello"))


def behind_its_minimum(run: HandmadeRun) -> None:
    run.history.looks[0] = replace(run.history.looks[0], least=2)


def read_with_a_hole(run: HandmadeRun) -> None:
    run.history.looks[1] = replace(
        run.history.looks[1], messages=((3, "notice", "renamed"), run.history.looks[1].messages[1])
    )


def read_what_is_not_there(run: HandmadeRun) -> None:
    run.saw(4.8, (4, "phantom", "never said"), (3, "notice", "renamed"))


def read_altered(run: HandmadeRun) -> None:
    run.saw(4.8, (2, command_of(AGAIN), "said otherwise"))


def cleared_early(run: HandmadeRun) -> None:
    run.values[USERS][2]["time"] = run.values[USERS][1]["time"]


def never_cleared(run: HandmadeRun) -> None:
    drop(run, USERS, 2)
    run.history.wishes.pop(BACK.name)
    run.history.tries.pop()
    drop(run, USERS, 2)
    run.tables.user_statuses["ada"] = ("status lunch", "job")


def cleared_twice(run: HandmadeRun) -> None:
    again = run.values[USERS][2]
    command = command_of(replace(LUNCH, key="twice"))
    run.values[USERS].insert(3, again | {"id": f"{command}.0", "sequence": "3"})
    run.values[USERS][4]["sequence"] = "4"


def cleared_over_a_newer_one(run: HandmadeRun) -> None:
    swap(run.values[USERS], 2, 3)
    run.tables.user_statuses.clear()


def answered_late(run: HandmadeRun) -> None:
    try_again(run, 0, completed=1.0 + WITHIN + 0.1)


def question_answered_late(run: HandmadeRun) -> None:
    run.history.looks[0] = replace(run.history.looks[0], completed=13.0)


def question_answered_500(run: HandmadeRun) -> None:
    run.saw(4.8, status=500)


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
    ),
    "L2": (phantom, refused_but_logged),
    "L3": (gap, swapped_versions, two_partitions),
    "L4": (swapped_order,),
    "R1": (missing_row, extra_row, stale_row, status_still_shown),
    "R2": (read_went_back, behind_its_minimum, read_with_a_hole, read_what_is_not_there, read_altered),
    "S": (cleared_early, never_cleared, cleared_twice, cleared_over_a_newer_one),
    "A": (answered_late, question_answered_late, question_answered_500),
}
