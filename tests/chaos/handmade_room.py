"""What Ada did in a room of her own, written by hand."""

from dataclasses import replace

from shared.identifiers import VERBATIM_ITSELF
from tests.blackbox.history import ACCEPTED, OTHER_CONTENT, REFUSED, UNAVAILABLE, UNKNOWN, Member, Wish
from tests.blackbox.wishes import rename, send, set_status
from tests.chaos.handmade import (
    ROOM,
    USERS,
    HandmadeRun,
    conversation_row,
    message_row,
    participant_row,
    status_row,
    time_at,
)

ADA = Member("ada", "token", "room", "first", leads=True)
HELLO, AGAIN = send(ADA, "hello"), send(ADA, "again")
NOTHING = send(ADA, "nothing", "refused", reply_to_id="nobody")
LUNCH, BACK = set_status(ADA, "lunch", 2), set_status(ADA, "back", None)
RENAME = rename(ADA, "room", "rename")
START = Wish("started", "room", "ada", "POST /v1/conversations", "start", {})


def live_in_a_room(run: HandmadeRun) -> None:
    """Two messages, one of them with a lost answer; a rename; a status that ends, and one that stays; and a reader."""
    run.record(ROOM, START, 0, ("conversation.started", {"kind": "group", "title": "Room", "participant_ids": []}))
    _say(run, HELLO, 1.0, 1, lost=False)
    run.saw(1.5, (1, HELLO.command_id, "said under hello"), least=1)
    run.told(NOTHING, 2.0, REFUSED, 409, code="nothing")
    run.told(AGAIN, 2.5, UNAVAILABLE, 503)
    _say(run, AGAIN, 3.0, 2, lost=True)
    run.told(replace(HELLO, kind=OTHER_CONTENT), 4.0, REFUSED, 422)
    run.saw(4.5, (2, AGAIN.command_id, "said under again"), (1, HELLO.command_id, "said under hello"))
    notice = {"message_id": "notice", "seq": 3, "notice": "renamed", "title": "room rename"}
    renamed = ("conversation.renamed", {"title": "room rename"})
    position = run.record(ROOM, RENAME, 5.0, renamed, ("message.system_sent", notice))
    run.told(RENAME, 5.0, ACCEPTED, 200, command_id=RENAME.command_id, position=position)
    _statuses(run)
    run.tables["messages"] |= {
        f"room {HELLO.command_id}": message_row(1, "ada", "said under hello"),
        f"room {AGAIN.command_id}": message_row(2, "ada", "said under again"),
        "room notice": message_row(3, "ada", None, role="system", notice="renamed"),
    }
    run.tables["conversations"] |= {"room": conversation_row("group", "room rename", "ada", 3)}
    run.tables["participants"] |= {"room ada": participant_row("owner")}
    run.tables["user_statuses"] |= {"ada": status_row(text="status back")}


def _say(run: HandmadeRun, wish: Wish, at: float, seq: int, *, lost: bool) -> None:
    data = {"content": wish.body["content"], "client_message_id": wish.key, "seq": seq}
    position = run.record(ROOM, wish, at, ("message.sent", data))
    if lost:
        run.told(wish, at, UNKNOWN, 504)
        at += 0.5
    answer = {"command_id": wish.command_id, "message_id": wish.command_id, "position": position, "seq": seq}
    run.told(wish, at, ACCEPTED, 200 if lost else 201, **answer)
    run.told(wish, at + 0.2, ACCEPTED, 200, **answer)


def _statuses(run: HandmadeRun) -> None:
    due = time_at(8).isoformat()
    lunch = {"text": "status lunch", "expires_at": due, "job_id": "job"}
    position = run.record(USERS, LUNCH, 6.0, ("status.set", lunch))
    run.told(LUNCH, 6.0, ACCEPTED, 200, command_id=LUNCH.command_id, position=position, job_id="job")
    nobody = replace(LUNCH, actor=VERBATIM_ITSELF, key="expiry")
    run.record(USERS, nobody, 8.01, ("status.cleared", {"reason": "expired", "job_id": "job", "due_at": due}))
    position = run.record(USERS, BACK, 9.0, ("status.set", {"text": "status back", "job_id": None}))
    run.told(BACK, 9.0, ACCEPTED, 200, command_id=BACK.command_id, position=position, job_id=None)
